/** The nodes of a store and a client that does as it is told: what the nodes hold at the end. */
import { expect } from '@jest/globals';
import {
  defineActor,
  defineScenario,
  holds,
  ms,
  run,
  type Context,
  type Fault,
  type Flow,
  type Micros,
  type NodeRef,
  type WorldBuilder,
} from '../../../sim/index.ts';

/** What a script has at hand. */
export interface Told<P> {
  readonly ctx: Context<object>;
  /** The nth node, from 1. */
  at(node: number): NodeRef<P>;
  /** Waits for this instant of the client's clock. */
  until(time: Micros): Flow;
}

export interface ToldStore<P> {
  readonly duration: Micros;
  /** Nodes n1 … n6. */
  readonly place: (world: WorldBuilder, nodes: readonly NodeRef<P>[]) => void;
  readonly script: (told: Told<P>) => Flow;
  readonly faults: readonly Fault[];
}

/** By node; without those that are down at the end. */
export function statesAfter<S, P>({ duration, place, script, faults }: ToldStore<P>): ReadonlyMap<string, S> {
  const states = new Map<string, S>();
  const problems: unknown[] = [];
  const scenario = defineScenario({
    name: 'store-script',
    question: 'What does the store hold at the end?',
    duration,
    build({ world }) {
      const nodes = world.refs<P>('n', 6);
      place(world, nodes);
      world.node<object, Record<never, never>>('c1', { actor: scripted(nodes, script, problems) });
      return { nodes };
    },
    faults: () => [...faults],
    checks: ({ nodes }) => [
      {
        name: 'states',
        kind: 'always',
        promise: 'kept for the test',
        begin: (view) => ({
          finish() {
            for (const { id } of nodes) {
              const state = view.state<S>(id);
              if (state !== undefined) states.set(id, state);
            }
            return { check: 'states', kind: 'always', status: 'held', message: '' };
          },
        }),
      },
    ],
    expect: holds(),
    recovery: false,
  });
  run(scenario, { seed: 'script' });
  expect(problems).toEqual([]);
  return states;
}

const scripted = <P>(nodes: readonly NodeRef<P>[], script: (told: Told<P>) => Flow, problems: unknown[]) =>
  defineActor<object, Record<never, never>>({
    role: 'client',
    init: () => ({}),
    start(_state, ctx) {
      const told: Told<P> = {
        ctx,
        at: (node) => nodes[node - 1] as NodeRef<P>,
        *until(time) {
          yield* ctx.sleep(Math.max(0, time - ctx.clock.monotonic));
        },
      };
      ctx.spawn(
        (function* guarded(): Flow {
          try {
            yield* told.until(ms(100));
            yield* script(told);
          } catch (error) {
            problems.push(error);
          }
        })(),
      );
    },
  });
