/**
 * A participant of three-phase commit (Skeen, "Nonblocking commit protocols", SIGMOD 1981), with the termination protocol of Bernstein,
 * Hadzilacos and Goodman (1987, §7.5).
 *
 * Between the vote and the commit stands a third phase: `precommitted`, "all have voted yes". Nobody commits while somebody who is up is
 * uncertain, so those who are up can always end a transaction among themselves, whatever they know: *nonblocking*. When a
 * participant has heard nothing for `timeout` it asks all others; the first of those that have been up throughout becomes backup
 * coordinator. It takes over an outcome that somebody knows; else, if somebody is precommitted, it has the others precommit and
 * commits; else it aborts. One that was down meanwhile only asks, since others may have decided without it, unless all were down.
 *
 * All of that rests on telling the dead from the slow: a process that does not answer within the deadline *is* down. Where that is
 * wrong (a partition, a lost message, a pause, a slow machine) the two sides of a split each end the transaction in their own
 * way, and atomicity is gone. Two-phase commit would have waited. Claimed: crashes, with messages that arrive within the deadline.
 */
import {
  ConfigError,
  defineActor,
  parseDuration,
  reject,
  type Actor,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { CommitOutcome, Standing, StandingProtocol, ThreePhaseProtocol } from './commit-protocol.ts';
import { attempt } from './attempt.ts';
import { commitParticipant, othersOf, pursue, type CommitParticipantOptions } from './commit-participant.ts';
import {
  block,
  DECISIONS,
  mustWork,
  PARTICIPANT_LOG,
  reached,
  type CommitParticipantState,
  type ParticipantContext,
  type ParticipantRecord,
} from './participant-state.ts';
import { conclude, refuseForEver, stopParticipant, vote } from './participant-steps.ts';

export interface ThreePhaseParticipantOptions extends CommitParticipantOptions<ThreePhaseProtocol> {
  /** How long it waits for the coordinator; well above two of the coordinator's deadlines. Default 300 ms. */
  readonly timeout?: Duration;
  /** Who has not answered after that is taken for down. Default 60 ms. */
  readonly deadline?: Duration;
}

interface Settings {
  readonly participants: readonly NodeRef<ThreePhaseProtocol>[];
  readonly timeout: Micros;
  readonly deadline: Micros;
}

/** Throws ConfigError. */
export function threePhaseParticipant(
  options: ThreePhaseParticipantOptions,
): Actor<CommitParticipantState, ThreePhaseProtocol> {
  const settings: Settings = {
    participants: options.participants,
    timeout: parseDuration(options.timeout ?? '300ms', 'threePhaseParticipant.timeout'),
    deadline: parseDuration(options.deadline ?? '60ms', 'threePhaseParticipant.deadline'),
  };
  const { timeout } = settings;
  if (timeout < 2) throw new ConfigError('threePhaseParticipant.timeout', timeout, 'a duration of at least 2us');
  const shared = commitParticipant(options, 'threePhaseParticipant');
  return defineActor<CommitParticipantState, ThreePhaseProtocol>({
    ...shared,
    start: (_state, ctx) => ctx.setTimer('silence', Math.floor(timeout / 2)),
    flows: {
      prepare: (proposal, ctx) => vote(proposal, ctx),
      *precommit({ id }, ctx) {
        if (ctx.state.pending.get(id)?.recovered === true) throw reject('recovering', `${ctx.self.id} has been down`);
        yield* precommit(id, ctx);
        if (ctx.state.outcomes.get(id) === 'aborted') throw reject('aborted', `${id} was aborted`);
      },
      commit: ({ id }, ctx) => conclude(id, 'committed', ctx),
      abort: ({ id }, ctx) => conclude(id, 'aborted', ctx),
      stateOf: ({ id }, ctx) => stateOf(id, ctx),
    },
    timers: {
      silence(state, ctx) {
        ctx.setTimer('silence', Math.floor(timeout / 2));
        pursue(state, timeout, ctx, (id) => terminate(id, settings, ctx));
      },
    },
  });
}

function* precommit(id: string, ctx: ParticipantContext): Flow {
  ctx.update((state) => {
    mustWork(state);
    const own = state.pending.get(id);
    if (own?.stage !== 'prepared') return;
    ctx.disk.append(PARTICIPANT_LOG, { event: 'precommitted', id } satisfies ParticipantRecord);
    own.stage = 'precommitting';
  });
  yield* syncOrStop(ctx, stopParticipant);
  ctx.update((state) => reached(state, id, 'precommitted', 'precommitting', ctx));
}

function* stateOf(id: string, ctx: ParticipantContext): Flow<Standing> {
  mustWork(ctx.state);
  const own = ctx.state.pending.get(id);
  if (own !== undefined) {
    const { stage, recovered } = own;
    return { knows: stage === 'precommitted' ? 'precommitted' : 'uncertain', recovered };
  }
  return { knows: yield* refuseForEver(id, ctx), recovered: false };
}

interface Answer {
  readonly name: string;
  readonly standing: Standing | undefined;
}

/** The termination protocol, in a participant that has not been told the outcome. */
function* terminate(id: string, settings: Settings, ctx: ParticipantContext): Flow {
  const own = ctx.state.pending.get(id);
  if (own === undefined) return;
  const { recovered } = own;
  const coordinator = own.coordinator as NodeRef<StandingProtocol>;
  const others = othersOf(own.participants, settings.participants, ctx);
  const answers = yield* ctx.all([coordinator, ...others].map((ref) => ask(ref, id, settings.deadline, ctx)));
  const known = answers.find(({ standing }) => standing?.knows === 'committed' || standing?.knows === 'aborted');
  if (known?.standing !== undefined) return yield* conclude(id, known.standing.knows as CommitOutcome, ctx);
  if (recovered) return yield* afterTotalFailure(id, answers, ctx);
  const up = answers.filter(({ standing }) => standing?.recovered === false);
  if (up.some(({ name }) => name === coordinator.id || name < ctx.self.id)) return;
  yield* backUp(id, up, others, settings, ctx);
}

/** Everybody was down, and is here now: what all of them know together is all that there is to know. */
function* afterTotalFailure(id: string, answers: readonly Answer[], ctx: ParticipantContext): Flow {
  if (!answers.every(({ standing }) => standing?.recovered === true)) {
    ctx.update((state) => block(state, id, ctx));
    return;
  }
  yield* conclude(id, isPrecommitted(id, answers, ctx) ? 'committed' : 'aborted', ctx, true);
}

/** Whether one of those who answered, or this participant, knows that all have voted yes. */
const isPrecommitted = (id: string, answers: readonly Answer[], { state }: ParticipantContext): boolean =>
  state.pending.get(id)?.stage === 'precommitted' || answers.some(({ standing }) => standing?.knows === 'precommitted');

/** This participant ends the transaction for all that are up. */
function* backUp(
  id: string,
  up: readonly Answer[],
  others: readonly NodeRef<ThreePhaseProtocol>[],
  { deadline }: Settings,
  ctx: ParticipantContext,
): Flow {
  const outcome = isPrecommitted(id, up, ctx) ? 'committed' : 'aborted';
  ctx.note(`ends ${id} as backup coordinator: ${DECISIONS[outcome]}`);
  if (outcome === 'committed') {
    yield* precommit(id, ctx);
    const uncertain = others.filter((ref) =>
      up.some(({ name, standing }) => name === ref.id && standing?.knows === 'uncertain'),
    );
    yield* ctx.all(uncertain.map((ref) => attempt(ctx.call(ref, 'precommit', { id }, { deadline }))));
  }
  yield* conclude(id, outcome, ctx, true);
  for (const ref of others) ctx.send(ref, DECISIONS[outcome], { id });
}

function* ask(ref: NodeRef<StandingProtocol>, id: string, deadline: Micros, ctx: ParticipantContext): Flow<Answer> {
  return { name: ref.id, standing: yield* attempt(ctx.call(ref, 'stateOf', { id }, { deadline })) };
}
