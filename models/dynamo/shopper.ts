/**
 * A client that keeps shopping carts in a Dynamo-style store (Dynamo, sections 4.4, 6.1): it gets the cart, merges the
 * siblings that it is given by taking all items of all of them, adds its item, and puts the cart with the context that came
 * with it.
 *
 * Items are unique, so that a checker knows which of them were lost. An add is `ok` when the put was acknowledged, `fail`
 * when the cart could not be read or each put was certainly refused, else `info`. Simplified: items are never taken out (one
 * that was would come back with a sibling that still has it, as the paper says).
 */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
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
import type { DynamoProtocol } from './dynamo-protocol.ts';

export interface ShopperState {
  /** Names this client until it crashes. */
  session: string;
  /** Items that it has begun to add. */
  items: number;
  /** Place in the list of the node that it talks to. */
  target: number;
  /** Gets that gave it several siblings to merge. */
  merged: number;
  /** Its latest acknowledged put: what the coordinator's copy was then. */
  latest: { readonly operation: number; readonly key: string; readonly version: unknown } | null;
}

export interface ShopperOptions {
  /** Nodes that it may ask: the first one, and the next one when that does not answer. */
  readonly nodes: readonly NodeRef<DynamoProtocol>[];
  /** Keys of the carts, all equally likely. */
  readonly carts: readonly string[];
  /** Time between two adds. Default exponential with mean 150 ms. */
  readonly think?: DistributionSpec;
  /** No add begins after that, on its own clock. Default: goes on for ever. */
  readonly until?: Duration;
  /** Nodes that it asks for one get or put at most, from 1 on. Default 3. */
  readonly attempts?: number;
  /** How long it waits for one of them, above 0. Default 600 ms. */
  readonly attempt?: Duration;
}

type ShopperContext = Context<ShopperState>;

/** Throws ConfigError naming the option. */
export function shopper(options: ShopperOptions): Actor<ShopperState, Record<never, never>> {
  const { nodes, carts, attempts = 3 } = options;
  if (nodes.length === 0) throw new ConfigError('shopper.nodes', nodes, 'at least one node');
  if (carts.length === 0) throw new ConfigError('shopper.carts', carts, 'at least one cart');
  if (!(Number.isInteger(attempts) && attempts >= 1))
    throw new ConfigError('shopper.attempts', attempts, 'a whole number of at least 1');
  const until = options.until === undefined ? Infinity : parseDuration(options.until, 'shopper.until');
  const settings = {
    nodes,
    carts,
    attempts,
    deadline: parsePeriod(options.attempt ?? ms(600), 'shopper.attempt'),
  };
  const pause = compile(options.think ?? exponential({ mean: ms(150) }));
  const begin = (session: string): ShopperState => ({ session, items: 0, target: 0, merged: 0, latest: null });
  return defineActor<ShopperState, Record<never, never>>({
    role: 'client',
    init: (ctx) => begin(ctx.self.id),
    recover: (_disk, ctx) => begin(nextLife(ctx)),
    start: (_state, ctx) =>
      ctx.spawn(oneAtATime({ pause, until }, ctx, () => add(ctx.random.pick(carts), settings, ctx))),
  });
}

interface Settings {
  readonly nodes: readonly NodeRef<DynamoProtocol>[];
  readonly attempts: number;
  readonly deadline: number;
}

/** One item into one cart, from its invocation to its one completion. */
function* add(key: string, settings: Settings, ctx: ShopperContext): Flow {
  const item = ctx.update((state) => `${state.session}.${++state.items}`);
  const id = ctx.invoked({ f: 'add', key, input: item });
  let began = false;
  try {
    for (let turn = 1; ; turn++) {
      const got = yield* ask('get', { key }, settings, ctx);
      if (got.values.length > 1) ctx.update((state) => state.merged++);
      began = true;
      const value = cartOf([...got.values, [item]]);
      try {
        const { version } = yield* ask('put', { key, value, context: got.context }, settings, ctx);
        ctx.update((state) => void (state.latest = { operation: id, key, version }));
        ctx.completed(id, 'ok');
        return;
      } catch (error) {
        // Somebody was quicker: read again.
        if (!(error instanceof CallError && error.code === 'version-conflict' && error.definite) || turn === 5)
          throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    ctx.completed(id, began && !error.definite ? 'info' : 'fail', error.code);
  }
}

/** The items of all siblings, each once, in ascending order. */
export const cartOf = (siblings: readonly unknown[]): readonly string[] =>
  [...new Set((siblings as readonly (readonly string[])[]).flat())].toSorted();

type Asked = Pick<DynamoProtocol, 'get' | 'put'>;

/** Asks one node after the other. The failure is definite if all failures were. */
function* ask<M extends keyof Asked>(
  message: M,
  payload: Parameters<Asked[M]>[0],
  { nodes, attempts, deadline }: Settings,
  ctx: ShopperContext,
): Flow<ReturnType<Asked[M]>> {
  let definite = true;
  for (let n = 1; ; n++) {
    const node = nodes[ctx.state.target] as NodeRef<Asked>;
    try {
      return (yield* ctx.call(node, message, payload as never, { deadline })) as ReturnType<Asked[M]>;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      definite &&= error.definite;
      if (n === attempts || error.code === 'version-conflict')
        throw new CallError(error.kind, error.code, error.message, definite);
      ctx.update((state) => void (state.target = (state.target + 1) % nodes.length));
    }
  }
}
