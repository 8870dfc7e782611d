/**
 * The client's side of primary-replica: finds the primary, follows redirects, tries again.
 *
 * Retrying is safe because each update carries its session and number and is applied once; but whether an update has been applied
 * stays unknown as soon as one attempt has ended without a definite answer, whatever later attempts say.
 */
import {
  CallError,
  ms,
  parseDuration,
  reject,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
  type Op,
} from '../../sim/index.ts';
import type { ReplicatedKvProtocol } from './command.ts';
import type { KvClientContext, KvStore } from './kv-client.ts';

export interface PrimaryStoreOptions {
  readonly nodes: readonly NodeRef<ReplicatedKvProtocol>[];
  /** How long one attempt may take. Default 400 ms. */
  readonly attempt?: Duration;
  /** How long an operation may take in all. Default 2 s. */
  readonly patience?: Duration;
  /** Pause before the next attempt. Default 20 ms. */
  readonly pause?: Duration;
}

/** The store that a primary-replica group makes. Throws ConfigError naming the option. */
export function primaryStore(options: PrimaryStoreOptions): KvStore {
  const settings: Settings = {
    nodes: options.nodes,
    attempt: parseDuration(options.attempt ?? ms(400), 'primaryStore.attempt'),
    patience: parseDuration(options.patience ?? '2s', 'primaryStore.patience'),
    pause: parseDuration(options.pause ?? ms(20), 'primaryStore.pause'),
  };
  return {
    *read(key, _operation, ctx) {
      const { reply, by } = yield* atPrimary(settings, ctx, (node, deadline) =>
        ctx.call(node, 'read', { key }, { deadline }),
      );
      return { value: reply.value, by };
    },
    *update(change, _operation, ctx) {
      const { session, issued: seq } = ctx.state;
      const command = { ...change, session, seq };
      const { reply, by } = yield* atPrimary(settings, ctx, (node, deadline) =>
        ctx.call(node, 'update', command, { deadline }),
      );
      return { applied: reply.applied, by };
    },
  };
}

interface Settings {
  readonly nodes: readonly NodeRef<ReplicatedKvProtocol>[];
  readonly attempt: Micros;
  readonly patience: Micros;
  readonly pause: Micros;
}

type Attempt<T> = (node: NodeRef<ReplicatedKvProtocol>, deadline: Micros) => Op<T>;

function* atPrimary<T>(settings: Settings, ctx: KvClientContext, attempt: Attempt<T>): Flow<{ reply: T; by: NodeRef }> {
  const { nodes, pause } = settings;
  const end = ctx.clock.monotonic + settings.patience;
  let definite = true;
  for (;;) {
    const node = nodes[ctx.state.target % nodes.length] as NodeRef<ReplicatedKvProtocol>;
    const left = end - ctx.clock.monotonic;
    if (left <= 0) throw reject('no-primary', 'no primary answered in time', undefined, definite);
    try {
      const reply: T = yield* attempt(node, Math.min(settings.attempt, left));
      return { reply, by: node as NodeRef };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      definite &&= error.definite;
      const named = nodes.findIndex(({ id }) => id === primaryIn(error.detail));
      const known = named >= 0 && nodes[named] !== node;
      ctx.update((state) => {
        state.target = known ? named : (state.target + 1) % nodes.length;
      });
      if (!known) yield* ctx.sleep(pause);
    }
  }
}

const primaryIn = (detail: unknown): string | undefined =>
  typeof detail === 'object' && detail !== null && 'primary' in detail ? String(detail.primary) : undefined;
