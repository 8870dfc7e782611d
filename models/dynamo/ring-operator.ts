/**
 * An operator, who has nodes join and leave a Dynamo-style store's ring at set times, and keeps trying until a node has taken
 * the order.
 */
import {
  CallError,
  ConfigError,
  defineActor,
  ms,
  oneOf,
  parseDuration,
  type Actor,
  type Duration,
  type Flow,
  type NodeRef,
  type Context,
} from '../../sim/index.ts';
import type { DynamoProtocol } from './dynamo-protocol.ts';
import type { MemberStatus } from './membership.ts';

export interface RingStep {
  /** When it begins, on the operator's clock; later if the step before it is not done. */
  readonly at: Duration;
  /** Who joins or leaves. */
  readonly node: string;
  /** `in` joins, `out` leaves for good. */
  readonly status: MemberStatus;
}

export interface RingOperatorOptions {
  /** Nodes that take orders: one is picked at random for each attempt. */
  readonly nodes: readonly NodeRef<DynamoProtocol>[];
  readonly steps: readonly RingStep[];
}

export interface RingOperatorState {
  /** Steps done. */
  done: number;
}

/** Throws ConfigError naming the option. */
export function ringOperator({ nodes, steps }: RingOperatorOptions): Actor<RingOperatorState, Record<never, never>> {
  if (nodes.length === 0) throw new ConfigError('ringOperator.nodes', nodes, 'at least one node');
  for (const [i, { status }] of steps.entries()) oneOf(status, ['in', 'out'], `ringOperator.steps[${i}].status`);
  const due = steps.map(({ at }, i) => parseDuration(at, `ringOperator.steps[${i}].at`));
  return defineActor<RingOperatorState, Record<never, never>>({
    role: 'operator',
    init: () => ({ done: 0 }),
    start: (_state, ctx) =>
      ctx.spawn(
        (function* work(): Flow {
          for (const [i, step] of steps.entries()) {
            yield* ctx.sleep(Math.max(0, (due[i] as number) - ctx.clock.monotonic));
            while (!(yield* order(step, nodes, ctx))) yield* ctx.sleep(ms(50));
            ctx.update((state) => state.done++);
          }
        })(),
      ),
    phase: ({ done }) => (done === steps.length ? 'done' : `step ${done + 1}`),
  });
}

function* order(
  { node, status }: RingStep,
  nodes: readonly NodeRef<DynamoProtocol>[],
  ctx: Context<RingOperatorState>,
): Flow<boolean> {
  try {
    yield* ctx.call(ctx.random.pick(nodes), 'change', { node, status }, { deadline: ms(500) });
    return true;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return false;
  }
}
