/**
 * A participant of two-phase commit (Gray, "Notes on data base operating systems", 1978).
 *
 * It votes yes once it can commit whatever happens: the accounts are locked and the changes are on disk. From then on it is *in doubt*:
 * it may neither commit nor abort by itself, and keeps its locks, crashes included, until it learns the decision. When none
 * comes it asks the coordinator, and when that does not answer the other participants (the cooperative termination protocol: Bernstein,
 * Hadzilacos and Goodman, 1987, §7.4): one that knows the outcome tells it, and one that has not voted aborts, for good. If all
 * of them are in doubt they are blocked until the coordinator is back; that is what two-phase commit cannot avoid.
 *
 * Simplified: votes bring the changes with them, a taken lock is a vote of no, and the log is never cut.
 */
import {
  CallError,
  ConfigError,
  defineActor,
  parseDuration,
  type Actor,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import type { InquiryProtocol, CommitOutcome, ParticipantProtocol } from './commit-protocol.ts';
import { attempt } from './attempt.ts';
import { commitParticipant, othersOf, pursue, type CommitParticipantOptions } from './commit-participant.ts';
import { block, mustWork, type CommitParticipantState, type ParticipantContext } from './participant-state.ts';
import { conclude, refuseForEver, vote } from './participant-steps.ts';

export interface TwoPhaseParticipantOptions extends CommitParticipantOptions<ParticipantProtocol> {
  /** How long in doubt before it asks, and between two questions. Default 250 ms. */
  readonly askAfter?: Duration;
  /** Deadline of one question. Default 100 ms. */
  readonly deadline?: Duration;
}

interface Settings {
  readonly participants: readonly NodeRef<ParticipantProtocol>[];
  readonly askAfter: Micros;
  readonly deadline: Micros;
}

/** Throws ConfigError. */
export function twoPhaseParticipant(
  options: TwoPhaseParticipantOptions,
): Actor<CommitParticipantState, ParticipantProtocol> {
  const settings: Settings = {
    participants: options.participants,
    askAfter: parseDuration(options.askAfter ?? '250ms', 'twoPhaseParticipant.askAfter'),
    deadline: parseDuration(options.deadline ?? '100ms', 'twoPhaseParticipant.deadline'),
  };
  if (settings.askAfter === 0)
    throw new ConfigError('twoPhaseParticipant.askAfter', settings.askAfter, 'a duration above 0');
  const shared = commitParticipant(options, 'twoPhaseParticipant');
  return defineActor<CommitParticipantState, ParticipantProtocol>({
    ...shared,
    start: (_state, ctx) => ctx.setTimer('in-doubt', settings.askAfter),
    flows: {
      prepare: (proposal, ctx) => vote(proposal, ctx),
      commit: ({ id }, ctx) => conclude(id, 'committed', ctx),
      abort: ({ id }, ctx) => conclude(id, 'aborted', ctx),
      *outcomeOf({ id }, ctx) {
        mustWork(ctx.state);
        if (ctx.state.pending.has(id)) return 'uncertain';
        if (!ctx.state.outcomes.has(id)) ctx.note(`aborts ${id}, which it has not voted on`);
        return yield* refuseForEver(id, ctx);
      },
    },
    timers: {
      'in-doubt'(state, ctx) {
        ctx.setTimer('in-doubt', settings.askAfter);
        pursue(state, settings.askAfter, ctx, (id) => resolve(id, settings, ctx));
      },
    },
  });
}

/** Asks for the outcome of a transaction in doubt: the coordinator, and if that does not answer the other participants. */
function* resolve(id: string, settings: Settings, ctx: ParticipantContext): Flow {
  const own = ctx.state.pending.get(id);
  if (own?.stage !== 'prepared') return;
  const coordinator = own.coordinator as NodeRef<InquiryProtocol>;
  const names = [...own.participants];
  let answer: CommitOutcome | 'undecided' | undefined;
  try {
    answer = yield* ctx.call(coordinator, 'inquire', { id, participants: names }, { deadline: settings.deadline });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    answer = yield* askParticipants(id, names, settings, ctx);
  }
  if (answer === 'committed' || answer === 'aborted') yield* conclude(id, answer, ctx);
  else if (answer === undefined) ctx.update((state) => block(state, id, ctx));
}

/** The outcome if one of the others knows it. */
function* askParticipants(
  id: string,
  names: readonly string[],
  { participants, deadline }: Settings,
  ctx: ParticipantContext,
): Flow<CommitOutcome | undefined> {
  const others = othersOf(names, participants, ctx);
  const answers = yield* ctx.all(others.map((ref) => attempt(ctx.call(ref, 'outcomeOf', { id }, { deadline }))));
  return answers.find((answer) => answer === 'committed' || answer === 'aborted');
}
