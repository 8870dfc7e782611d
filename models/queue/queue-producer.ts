/** A producer: publishes messages with ids of its own, one at a time, and tries again until one is acknowledged or patience ends. */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
  fixedBackoff,
  ms,
  parseDuration,
  parsePeriod,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type NodeRef,
} from '../../sim/index.ts';
import { oneAtATime } from '../client/one-at-a-time.ts';
import { nextLife } from '../durability/next-life.ts';
import type { QueueProtocol } from './work-queue.ts';

export interface ProducerState {
  /** Names this producer until it crashes. */
  session: string;
  published: number;
  acknowledged: number;
}

export interface ProducerOptions {
  readonly broker: NodeRef<QueueProtocol>;
  /** Time between two messages. Default exponential with mean 20 ms. */
  readonly every?: DistributionSpec;
  /** Priorities to choose from, all equally likely. Default `[0]`. */
  readonly priorities?: readonly number[];
  /**
   * Message groups to choose from, all equally likely; operations `publish` are then on the group. Not with priorities: a group has one
   * order. Default: no groups.
   */
  readonly groups?: readonly string[];
  /** Deadline of one attempt, above 0. Default 200 ms. */
  readonly deadline?: Duration;
  /** Attempts for one message, 50 ms apart. The broker knows a message again by its id. Default 5. */
  readonly attempts?: number;
  /** Nothing is published after that, on its own clock. Default: goes on for ever. */
  readonly until?: Duration;
}

/** Records each message as an operation `publish` with the message's id as input. Throws ConfigError naming the option. */
export function queueProducer(options: ProducerOptions): Actor<ProducerState, Record<never, never>> {
  const { broker, priorities = [0], groups = [], attempts = 5 } = options;
  const every = compile(options.every ?? exponential({ mean: ms(20) }));
  const deadline = parsePeriod(options.deadline ?? ms(200), 'queueProducer.deadline');
  const until = options.until === undefined ? Infinity : parseDuration(options.until, 'queueProducer.until');
  const retry = fixedBackoff({ attempts, base: ms(50) });
  if (!Array.isArray(priorities) || priorities.length === 0 || !priorities.every(Number.isFinite))
    throw new ConfigError('queueProducer.priorities', priorities, 'a list of at least one number');
  if (!Array.isArray(groups)) throw new ConfigError('queueProducer.groups', groups, 'a list of names');
  if (groups.length > 0 && priorities.some((priority) => priority !== 0))
    throw new ConfigError('queueProducer.priorities', priorities, 'none with groups, each of which has one order');

  function* publish(ctx: Context<ProducerState>): Flow {
    const id = ctx.update((state) => `${state.session}.${++state.published}`);
    const priority = ctx.random.pick(priorities);
    const group = groups.length === 0 ? '' : ctx.random.pick(groups);
    let definite = true;
    const operation = ctx.invoked({ f: 'publish', key: group === '' ? broker.id : group, input: id });
    try {
      const attempt = () =>
        ctx.call(broker, 'publish', { id, body: { from: ctx.self.id }, priority, group }, { deadline });
      yield* ctx.retry({ ...retry, retryable: (error) => (definite &&= error.definite) || true }, attempt);
      ctx.completed(operation, 'ok', undefined, broker);
      ctx.update((state) => state.acknowledged++);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      // An earlier attempt may have got through, whatever the last one says.
      ctx.completed(operation, definite && error.definite ? 'fail' : 'info', error.code);
    }
  }

  return defineActor<ProducerState, Record<never, never>>({
    role: 'producer',
    init: (ctx) => ({ session: ctx.self.id, published: 0, acknowledged: 0 }),
    recover: (_disk, ctx) => ({
      session: nextLife(ctx),
      published: 0,
      acknowledged: 0,
    }),
    start: (_state, ctx) => ctx.spawn(oneAtATime({ pause: every, until }, ctx, () => publish(ctx))),
  });
}
