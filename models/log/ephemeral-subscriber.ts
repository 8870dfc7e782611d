/**
 * An ephemeral subscription: a reader of a topic that belongs to no group and commits nothing. It starts with what is published from
 * now on, gets everything while it is connected, and after a crash starts again from then: what came meanwhile it never sees.
 */
import {
  CallError,
  ConfigError,
  defineActor,
  ms,
  parseDuration,
  type Actor,
  type Context,
  type Duration,
  type Flow,
} from '../../sim/index.ts';
import {
  askForLeaders,
  findLeader,
  nobodyKnown,
  refreshLeaders,
  RETRY_BACKOFF,
  type Brokers,
  type KnowsLeaders,
} from './partition-leaders.ts';

export interface EphemeralSubscriberState extends KnowsLeaders {
  /** By partition: the next offset; null until the end of the partition is known. */
  positions: Record<string, number | null>;
  received: number;
}

export interface EphemeralSubscriberOptions {
  readonly brokers: Brokers;
  readonly partitions: readonly string[];
  /** How long one request waits for a message. Default 300 ms. */
  readonly fetchWait?: Duration;
}

/** Records each message as an operation `process` on its own name, with the message's id as input. Throws ConfigError naming the option. */
export function ephemeralSubscriber({
  brokers,
  partitions,
  fetchWait = '300ms',
}: EphemeralSubscriberOptions): Actor<EphemeralSubscriberState, Record<never, never>> {
  if (!Array.isArray(partitions))
    throw new ConfigError('ephemeralSubscriber.partitions', partitions, 'a list of names');
  const wait = parseDuration(fetchWait, 'ephemeralSubscriber.fetchWait');

  function* following(partition: string, ctx: Context<EphemeralSubscriberState>): Flow {
    for (;;) {
      const leader = yield* findLeader(partition, brokers, ctx);
      if (leader === undefined) {
        yield* ctx.sleep(RETRY_BACKOFF);
        continue;
      }
      // Nothing is there: the answer says where the end is.
      const offset = ctx.state.positions[partition] ?? Number.MAX_SAFE_INTEGER;
      try {
        const { leaderEpoch = 0 } = ctx.state.leaders[partition] ?? {};
        const request = { partition, offset, wait, leaderEpoch };
        const { records } = yield* ctx.call(leader, 'fetch', request, { deadline: wait + ms(500) });
        if (records.length === 0) yield* refreshLeaders(brokers, ctx);
        for (const { offset: at, message } of records) {
          const operation = ctx.invoked({ f: 'process', key: ctx.self.id, input: message.id }, partition);
          ctx.update((state) => {
            state.positions[partition] = at + 1;
            state.received++;
          });
          ctx.completed(operation, 'ok', undefined, ctx.self);
        }
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (error.code === 'offset-out-of-range') {
          const { end } = error.detail as { readonly end: number };
          ctx.update((state) => void (state.positions[partition] = end));
          continue;
        }
        yield* askForLeaders(brokers, ctx);
        yield* ctx.sleep(RETRY_BACKOFF);
      }
    }
  }

  const fresh = (): EphemeralSubscriberState => ({ ...nobodyKnown(), positions: {}, received: 0 });
  return defineActor<EphemeralSubscriberState, Record<never, never>>({
    role: 'subscriber',
    init: fresh,
    recover: fresh,
    start(_state, ctx) {
      for (const partition of partitions) ctx.spawn(following(partition, ctx));
    },
  });
}
