/**
 * The client's side of primary-replica: finds the primary, follows redirects, tries again.
 *
 * Retrying is safe because each update carries its session and number and is applied once; but whether an update has been applied
 * stays unknown as soon as one attempt has ended without a definite answer, whatever later attempts say.
 */
import type { ReplicatedKvProtocol } from './command.ts';
import type { KvStore } from './kv-client.ts';
import { callLeader, leaderCallSettings, type LeaderCallOptions } from './leader-call.ts';

export type PrimaryStoreOptions = LeaderCallOptions<ReplicatedKvProtocol>;

/** The store that a primary-replica group makes. Throws ConfigError naming the option. */
export function primaryStore(options: PrimaryStoreOptions): KvStore {
  const settings = leaderCallSettings(options, 'primaryStore');
  return {
    *read(key, _operation, ctx) {
      const { reply, by } = yield* callLeader(settings, ctx, (node, deadline, passing) =>
        ctx.call(node, 'read', { key, ...passing }, { deadline }),
      );
      return { value: reply.value, by };
    },
    *update(change, _operation, ctx) {
      const { session, issued: seq } = ctx.state;
      const command = { ...change, session, seq };
      const { reply, by } = yield* callLeader(settings, ctx, (node, deadline, passing) =>
        ctx.call(node, 'update', { ...command, ...passing }, { deadline }),
      );
      return { applied: reply.applied, by };
    },
  };
}
