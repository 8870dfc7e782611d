/** What a client of the log knows of who leads what, and how it finds out: it asks any broker (Kafka's metadata request). */
import { CallError, ConfigError, ms, s, type Context, type Flow, type NodeRef } from '../../sim/index.ts';
import type { PartitionMetadata } from './cluster-metadata.ts';
import type { LogBrokerProtocol } from './log-protocol.ts';

export interface PartitionLeader {
  readonly leader: string;
  readonly leaderEpoch: number;
}

/** By partition. */
export type PartitionLeaders = Record<string, PartitionLeader>;

export interface KnowsLeaders {
  leaders: PartitionLeaders;
  /** When it last asked, on its own monotonic clock. */
  askedAt: number;
}

export const nobodyKnown = (): KnowsLeaders => ({ leaders: {}, askedAt: 0 });

export type Brokers = readonly NodeRef<LogBrokerProtocol>[];

/** Pause of a client between two tries: Kafka's retry.backoff.ms. */
export const RETRY_BACKOFF = ms(100);

function leaderIn(
  leaders: PartitionLeaders,
  partition: string,
  brokers: Brokers,
): NodeRef<LogBrokerProtocol> | undefined {
  const leader = leaders[partition]?.leader;
  return brokers.find(({ id }) => id === leader);
}

/** The leader of a partition, asked for if it is not known; undefined when the broker that was asked does not know one either. */
export function* findLeader<S extends KnowsLeaders>(
  partition: string,
  brokers: Brokers,
  ctx: Context<S>,
): Flow<NodeRef<LogBrokerProtocol> | undefined> {
  const known = leaderIn(ctx.state.leaders, partition, brokers);
  if (known !== undefined) return known;
  yield* askForLeaders(brokers, ctx);
  return leaderIn(ctx.state.leaders, partition, brokers);
}

/** A reader with nothing to read asks again after that: a leader that has been deposed and does not know it has nothing new either. */
const METADATA_MAX_AGE = s(1);

/** Asks again if what it knows is old (Kafka's metadata.max.age.ms). */
export function* refreshLeaders<S extends KnowsLeaders>(brokers: Brokers, ctx: Context<S>): Flow {
  if (ctx.clock.monotonic - ctx.state.askedAt > METADATA_MAX_AGE) yield* askForLeaders(brokers, ctx);
}

/** Asks one broker, whichever, and keeps what is newer than what it knew. */
export function* askForLeaders<S extends KnowsLeaders>(brokers: Brokers, ctx: Context<S>): Flow {
  ctx.update((state) => void (state.askedAt = ctx.clock.monotonic));
  try {
    const answer = yield* ctx.call(ctx.random.pick(brokers), 'metadata', undefined, { deadline: ms(200) });
    ctx.update((state) => {
      for (const news of answer) noteLeader(state.leaders, news);
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

function noteLeader(leaders: PartitionLeaders, { partition, leader, leaderEpoch }: PartitionMetadata): void {
  if (leaderEpoch >= (leaders[partition]?.leaderEpoch ?? 0)) leaders[partition] = { leader, leaderEpoch };
}

export function atLeastOne(value: number, field: string): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new ConfigError(field, value, 'a whole number of at least 1');
  return value;
}
