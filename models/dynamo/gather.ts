/**
 * Asks several nodes at once and goes on when enough have answered. The others are still waited for, in the background: what
 * they answer, or that they do not, matters to whoever comes after them.
 */
import { CallError, reject, type Flow, type Micros } from '../../sim/index.ts';
import type { DynamoContext } from './dynamo-state.ts';

export interface Answer<T> {
  readonly from: string;
  readonly reply: T;
}

export interface Ask<T> {
  readonly node: string;
  readonly flow: Flow<T>;
}

/** How many answers are enough, or whether those of some nodes are; more answers are never worse. */
export type Enough = number | ((nodes: readonly string[]) => boolean);

interface Tally<T> {
  readonly answers: Answer<T>[];
  /** Nodes that have neither answered nor failed. */
  readonly open: string[];
}

/**
 * The first answers that are enough, or more. Fails with `no-quorum`, which says nothing of what has been done, when they
 * cannot come or `patience` is over. `settled` runs when everybody has answered or failed.
 */
export function* gather<T>(
  asks: readonly Ask<T>[],
  needed: Enough,
  patience: Micros,
  ctx: DynamoContext,
  settled?: (answers: readonly Answer<T>[]) => Flow,
): Flow<readonly Answer<T>[]> {
  if (isEnough(needed, []) && asks.length === 0) return [];
  const tally: Tally<T> = { answers: [], open: asks.map(({ node }) => node) };
  const signal = `request ${ctx.update((state) => ++state.requests)}`;
  for (const ask of asks) ctx.spawn(part(ask, tally, signal, ctx, settled));
  const until = ctx.clock.monotonic + patience;
  for (;;) {
    const answered = tally.answers.map(({ from }) => from);
    if (isEnough(needed, answered)) break;
    const left = until - ctx.clock.monotonic;
    if (!isEnough(needed, [...answered, ...tally.open]) || left <= 0)
      throw reject('no-quorum', `${answered.length} of ${asks.length} have answered`, undefined, false);
    yield* oneMore(signal, left, ctx);
  }
  return tally.answers.slice();
}

const isEnough = (needed: Enough, nodes: readonly string[]): boolean =>
  typeof needed === 'number' ? nodes.length >= needed : needed(nodes);

function* oneMore(signal: string, left: Micros, ctx: DynamoContext): Flow {
  try {
    yield* ctx.wait(signal, left);
  } catch (error) {
    // Nothing has come: the next turn says so.
    if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
  }
}

function* part<T>(
  { node, flow }: Ask<T>,
  tally: Tally<T>,
  signal: string,
  ctx: DynamoContext,
  settled: ((answers: readonly Answer<T>[]) => Flow) | undefined,
): Flow {
  try {
    const reply: T = yield* flow;
    tally.answers.push({ from: node, reply });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
  tally.open.splice(tally.open.indexOf(node), 1);
  ctx.signal(signal);
  if (tally.open.length === 0 && settled !== undefined) yield* settled(tally.answers);
}
