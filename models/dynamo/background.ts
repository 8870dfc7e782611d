/** Work that a node does without being asked, again and again. */
import type { Flow, Micros } from '../../sim/index.ts';
import type { DynamoContext } from './dynamo-state.ts';

/** Rounds of background work, one after the other, each node at a time of its own. */
export function* rounds(every: Micros, ctx: DynamoContext, round: (n: number) => Flow<unknown>): Flow {
  let n = ctx.random.between(0, 1_000);
  yield* ctx.sleep(ctx.random.between(0, every));
  for (;;) {
    if (ctx.state.broken) return;
    if (othersIn(ctx).length > 0) yield* round(n++);
    yield* ctx.sleep(every);
  }
}

/** The other members of the ring. */
export const othersIn = (ctx: DynamoContext): readonly string[] =>
  ctx.state.ring.split(' ').filter((node) => node !== ctx.self.id);

/** One of the others, each in its turn. */
export function peerAt(n: number, ctx: DynamoContext): string {
  const others = othersIn(ctx);
  return others[n % others.length] as string;
}
