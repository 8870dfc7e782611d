/** A world of a few nodes, driven by hand: for tests of the engine below scenarios. */
import { limitsFrom } from '../../sim/kernel/limits.ts';
import { runUntil } from '../../sim/kernel/engine.ts';
import type { Trace } from '../../sim/trace/trace.ts';
import type { Actor, Flow } from '../../sim/world/actor.ts';
import type { Context } from '../../sim/world/context.ts';
import type { NodeOptions } from '../../sim/world/node.ts';
import { World } from '../../sim/world/world.ts';

export const newWorld = (seed = 'test', trace?: Trace): World => {
  const world = new World({ seed, trace });
  world.links({ latency: { kind: 'constant', value: 1_000 }, betweenZones: {}, betweenRegions: {} });
  return world;
};

export const drive = (world: World, until: number): void => {
  if (!world.running) world.start();
  runUntil(world.queue, until, limitsFrom(), () => world.dispatch());
};

/** An actor that does nothing but run `body` as a flow when it boots; what it logs is its state. */
export function runner(
  body: (ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>,
): Actor<string[], object> {
  return {
    role: 'runner',
    init: () => [],
    start(_state, ctx) {
      ctx.spawn(body(ctx, (line) => void ctx.update((state) => void state.push(line))));
    },
  };
}

/** Runs one flow on a node of its own and returns what it logged. */
export function logOf(
  body: (ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>,
  options: Omit<NodeOptions<string[], object>, 'actor'> = {},
  until = 60_000_000,
): string[] {
  const world = newWorld();
  world.node('n', { ...options, actor: runner(body) });
  drive(world, until);
  return world.named('n').state as string[];
}
