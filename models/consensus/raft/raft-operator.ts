/** An operator, who changes a group's members and hands its leadership over at set times, and keeps trying until it is done. */
import {
  CallError,
  defineActor,
  parseDuration,
  type Actor,
  type Context,
  type Duration,
  type Flow,
} from '../../../sim/index.ts';
import {
  callLeader,
  leaderCallSettings,
  type LeaderCallOptions,
  type LeaderCallSettings,
  type LeaderTarget,
} from '../../replication/leader-call.ts';
import type { RaftProtocol } from './raft-protocol.ts';

export interface OperatorStep {
  /** When it begins, on the operator's clock; later if the step before it is not done. */
  readonly at: Duration;
  /** The voters after the change. */
  readonly voters?: readonly string[];
  /** Members without a vote after the change. Default: none. */
  readonly learners?: readonly string[];
  /** Instead: the voter that is to lead. Tried once. */
  readonly transferTo?: string;
}

export interface RaftOperatorOptions extends LeaderCallOptions<RaftProtocol> {
  readonly steps: readonly OperatorStep[];
}

export interface RaftOperatorState extends LeaderTarget {
  /** Steps done. */
  done: number;
}

/** Throws ConfigError naming the option. */
export function raftOperator(options: RaftOperatorOptions): Actor<RaftOperatorState, Record<never, never>> {
  const settings = leaderCallSettings({ attempt: '3s', patience: '4s', pause: '50ms', ...options }, 'raftOperator');
  const steps = options.steps.map((step, i) => ({
    ...step,
    due: parseDuration(step.at, `raftOperator.steps[${i}].at`),
  }));
  return defineActor<RaftOperatorState, Record<never, never>>({
    role: 'operator',
    init: () => ({ target: 0, done: 0 }),
    start: (_state, ctx) => ctx.spawn(work(steps, settings, ctx)),
    phase: ({ done }) => (done === steps.length ? 'done' : `step ${done + 1}`),
  });
}

function* work(
  steps: readonly (OperatorStep & { readonly due: number })[],
  settings: LeaderCallSettings<RaftProtocol>,
  ctx: Context<RaftOperatorState>,
): Flow {
  for (const step of steps) {
    const early = step.due - ctx.clock.monotonic;
    if (early > 0) yield* ctx.sleep(early);
    while (!(yield* attempt(step, settings, ctx)) && step.transferTo === undefined) yield* ctx.sleep(settings.pause);
    ctx.update((state) => state.done++);
  }
}

function* attempt(
  { voters, learners, transferTo }: OperatorStep,
  settings: LeaderCallSettings<RaftProtocol>,
  ctx: Context<RaftOperatorState>,
): Flow<boolean> {
  try {
    if (transferTo !== undefined)
      yield* callLeader(
        settings,
        ctx,
        (node, deadline) => ctx.call(node, 'transfer', { to: transferTo }, { deadline }),
        isFinal,
      );
    else if (voters !== undefined) {
      const request = learners === undefined ? { voters } : { voters, learners };
      yield* callLeader(settings, ctx, (node, deadline) => ctx.call(node, 'reconfigure', request, { deadline }));
    }
    return true;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return false;
  }
}

/** What no other server will see differently. */
const isFinal = ({ code }: CallError): boolean => code === 'bad-transfer' || code === 'bad-configuration';
