/**
 * Reads and writes by quorum, done by the client itself: N replicas, R of them for a read, W for a write.
 *
 * A write asks R replicas for their stamps, takes a higher one, and stores with W. A read asks R replicas and takes the value with
 * the highest stamp. With R + W > N every read quorum meets every write quorum, so a read sees the last write that was complete
 * when it began (a *regular* register). That is less than linearizable: while a write is under way one read may see it and a
 * later one not (new-old inversion). With `write-back` a read stores what it will return with W replicas first, and the register
 * is linearizable, for any number of writers, whatever messages and clocks do, as long as quorums are reachable and replicas
 * keep what they have acknowledged: Attiya, Bar-Noy and Dolev, "Sharing memory robustly in message-passing systems", J. ACM
 * 42(1), 1995; multi-writer stamps after Lynch and Shvartsman, 1997. With R + W ≤ N a read can miss the last write altogether
 * (Dynamo's and Cassandra's weak settings; how often: Bailis et al., "Probabilistically Bounded Staleness", VLDB 2012).
 */
import {
  CallError,
  ConfigError,
  fixedBackoff,
  ms,
  oneOf,
  parsePeriod,
  reject,
  type CallOptions,
  type Duration,
  type Flow,
  type NodeRef,
  type Waitable,
} from '../../sim/index.ts';
import { eachOnce } from './each-once.ts';
import type { Answered, KvClientContext, KvStore } from './kv-client.ts';
import { isLater, UNWRITTEN, type RegisterReplicaProtocol, type Stamped } from './quorum-register.ts';

export interface QuorumStoreOptions {
  /** All N, each once. */
  readonly replicas: readonly NodeRef<RegisterReplicaProtocol>[];
  /** Answers that a read needs, 1…N. Default: a majority. */
  readonly readQuorum?: number;
  /** Acknowledgements that a write needs, 1…N. Default: a majority. */
  readonly writeQuorum?: number;
  /** Whether a read stores what it returns before it returns it. Default `write-back`. */
  readonly readRepair?: 'write-back' | 'none';
  /**
   * `all`: asks every replica and takes the first R (or W) to answer. `random`: asks exactly R (or W), chosen anew each time:
   * the rest never hear of it, as partial quorums are modelled. Default `all`.
   */
  readonly reach?: 'all' | 'random';
  /** How long one request to a replica may take, above 0. Default 200 ms. */
  readonly attempt?: Duration;
  /** Requests to a replica for one phase of an operation, the first included; repeating them is harmless. Default 3. */
  readonly attempts?: number;
}

type Replica = NodeRef<RegisterReplicaProtocol>;

interface Settings {
  readonly replicas: readonly Replica[];
  readonly readQuorum: number;
  readonly writeQuorum: number;
  readonly writeBack: boolean;
  readonly random: boolean;
  readonly call: CallOptions;
}

/** One answer, and whose. */
interface Answer<T> {
  readonly from: string;
  readonly reply: T;
}

/** The store that quorums make; only `write` updates. Throws ConfigError naming the option. */
export function quorumStore(options: QuorumStoreOptions): KvStore {
  const settings = settingsOf(options);
  return {
    *read(key, operation, ctx) {
      const answers = yield* fetchAll(key, settings, ctx);
      const latest = latestOf(answers);
      remember('read', key, answers, operation, ctx);
      if (settings.writeBack) yield* storeAll(key, latest, settings, ctx);
      return { value: latest.value };
    },
    *update(change, operation, ctx) {
      if (change.f !== 'write')
        throw new ConfigError('quorumStore.update', change.f, "'write': quorums alone decide no other update");
      const { key, value } = change;
      const latest = latestOf(yield* fetchAll(key, settings, ctx));
      const stamp = ctx.update((state) => {
        // Also above its own last write, which a read quorum that meets no write quorum may not show.
        state.counter = Math.max(state.counter, latest.stamp.counter) + 1;
        return { counter: state.counter, writer: state.session };
      });
      const answers = yield* storeAll(key, { stamp, value }, settings, ctx);
      remember('write', key, answers, operation, ctx);
      return {} satisfies Answered;
    },
  };
}

function settingsOf(options: QuorumStoreOptions): Settings {
  const { replicas, readRepair = 'write-back', reach = 'all', attempts = 3 } = options;
  eachOnce(replicas, 'quorumStore.replicas');
  oneOf(readRepair, ['write-back', 'none'], 'quorumStore.readRepair');
  oneOf(reach, ['all', 'random'], 'quorumStore.reach');
  const majority = Math.floor(replicas.length / 2) + 1;
  const { readQuorum = majority, writeQuorum = majority } = options;
  for (const [field, size] of [
    ['readQuorum', readQuorum],
    ['writeQuorum', writeQuorum],
  ] as const) {
    if (!Number.isInteger(size) || size < 1 || size > replicas.length) {
      throw new ConfigError(
        `quorumStore.${field}`,
        size,
        `a whole number from 1 to ${replicas.length}, the number of replicas`,
      );
    }
  }
  const deadline = parsePeriod(options.attempt ?? ms(200), 'quorumStore.attempt');
  // A replica that refuses has a reason that lasts; one that is silent may have missed the question.
  const retry = fixedBackoff({ attempts, base: ms(10), retryable: (error) => error.kind !== 'rejected' });
  return {
    replicas,
    readQuorum,
    writeQuorum,
    writeBack: readRepair === 'write-back',
    random: reach === 'random',
    call: { deadline, retry },
  };
}

const latestOf = (answers: readonly Answer<Stamped>[]): Stamped =>
  answers.reduce<Stamped>((latest, { reply }) => (isLater(reply.stamp, latest.stamp) ? reply : latest), UNWRITTEN);

function* fetchAll(key: string, settings: Settings, ctx: KvClientContext): Flow<Answer<Stamped>[]> {
  try {
    return yield* atQuorum(settings.readQuorum, settings, ctx, (replica) =>
      answerOf(replica, ctx.call(replica, 'fetch', { key }, settings.call)),
    );
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw reject(error.code, error.message, error.detail);
  }
}

const storeAll = (
  key: string,
  { stamp, value }: Stamped,
  settings: Settings,
  ctx: KvClientContext,
): Flow<Answer<void>[]> =>
  atQuorum(settings.writeQuorum, settings, ctx, (replica) =>
    answerOf(replica, ctx.call(replica, 'store', { key, stamp, value }, settings.call)),
  );

/** In parallel: the first `size` answers. */
function* atQuorum<T>(
  size: number,
  { replicas, random }: Settings,
  ctx: KvClientContext,
  ask: (replica: Replica) => Waitable<T>,
): Flow<T[]> {
  const asked = random ? ctx.random.shuffle(replicas).slice(0, size) : replicas;
  return yield* ctx.quorum(size, asked.map(ask));
}

function* answerOf<T>(replica: Replica, call: Waitable<T>): Flow<Answer<T>> {
  const reply: T = yield* call;
  return { from: replica.id, reply };
}

function remember(
  kind: 'read' | 'write',
  key: string,
  answers: readonly Answer<unknown>[],
  operation: number,
  ctx: KvClientContext,
): void {
  const members = answers.map(({ from }) => from);
  ctx.update((state) => void state.quorums.push({ kind, key, members, operation }));
}
