/**
 * The client's side of a multi-primary store: it talks to one node, and moves on to the next when that one is silent or refuses.
 *
 * An update whose fate is unknown is not tried elsewhere: made twice, it could count twice.
 */
import {
  CallError,
  ConfigError,
  ms,
  parsePeriod,
  type Duration,
  type Flow,
  type NodeRef,
  type Waitable,
} from '../../sim/index.ts';
import { changed } from '../replication/changed.ts';
import type { Change } from '../replication/command.ts';
import type { Answered, KvClientContext, KvStore } from '../replication/kv-client.ts';
import type { Edit } from './conflict-policy.ts';
import type { MultiPrimaryProtocol } from './settings.ts';

export interface MultiPrimaryStoreOptions {
  /** The nodes that the client may talk to, in the order of its preference. */
  readonly nodes: readonly NodeRef<MultiPrimaryProtocol>[];
  /** How long a node may take to answer, above 0. Default 200 ms. */
  readonly attempt?: Duration;
  /**
   * An update reads first, changes the value here, and writes all of it back with the context that it read, as clients of stores
   * that know values only whole must do. Default: the change is sent, and the node makes it.
   */
  readonly readFirst?: boolean;
}

/** The store that multi-primary nodes make; a compare-and-set is refused. Throws ConfigError naming the option. */
export function multiPrimaryStore({ nodes, attempt = ms(200), readFirst = false }: MultiPrimaryStoreOptions): KvStore {
  if (nodes.length === 0) throw new ConfigError('multiPrimaryStore.nodes', nodes, 'at least one node');
  const deadline = parsePeriod(attempt, 'multiPrimaryStore.attempt');

  /** At the node that answered last, or at the first after it that does. `repeats`: also after an attempt of unknown fate. */
  function* atSomeNode<T>(
    ctx: KvClientContext,
    repeats: boolean,
    ask: (node: NodeRef<MultiPrimaryProtocol>) => Waitable<T>,
  ): Flow<{ readonly reply: T; readonly by: NodeRef }> {
    for (let tried = 1; ; tried++) {
      const node = nodes[ctx.state.target % nodes.length] as NodeRef<MultiPrimaryProtocol>;
      try {
        const reply: T = yield* ask(node);
        return { reply, by: node as NodeRef };
      } catch (error) {
        if (!(error instanceof CallError) || tried === nodes.length || !(repeats || error.definite)) throw error;
        ctx.update((state) => void state.target++);
      }
    }
  }

  return {
    *read(key, _operation, ctx): Flow<Answered> {
      const { reply, by } = yield* atSomeNode(ctx, true, (node) => ctx.call(node, 'read', { key }, { deadline }));
      return { value: reply.value, by };
    },
    *update(change, _operation, ctx): Flow<Answered> {
      const { reply, by } = yield* atSomeNode(ctx, false, function* (node) {
        const edit: Edit = readFirst ? yield* wholeValue(change, node, deadline, ctx) : { change };
        const { session, issued: seq } = ctx.state;
        return yield* ctx.call(node, 'edit', { ...edit, session, seq }, { deadline });
      });
      return { applied: reply.applied, by };
    },
  };
}

/** Get and put: the change made here, of all that was read. */
function* wholeValue(
  change: Change,
  node: NodeRef<MultiPrimaryProtocol>,
  deadline: number,
  ctx: KvClientContext,
): Flow<Edit> {
  const { key } = change;
  const { value, context } = yield* ctx.call(node, 'read', { key }, { deadline });
  const after = changed(value, change);
  if (after === undefined) return { change };
  const edit = { change: { f: 'write', key, value: after } } as const;
  return context === undefined ? edit : { ...edit, context };
}
