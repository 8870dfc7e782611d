import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copyOf } from '../../sim/base/json.ts';
import { ms, s } from '../../sim/base/time.ts';
import { Trace, type StatePatch } from '../../sim/trace/trace.ts';
import { defineActor } from '../../sim/world/actor.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import { drive } from '../support/bare-world.ts';

interface Gossip {
  tell(p: { items: string[]; from: string }): void;
  ask(p: object): { size: number };
}

interface GossipState {
  known: string[];
  heard: Map<string, number>;
  tags: Set<string>;
  asked: number;
}

/** State of every kind that handlers may use: arrays, Map, Set, nested numbers; steps, flows and timers. */
function gossipWorld(seed: string, trace?: Trace): World {
  const world = new World({ seed, trace });
  world.links({ latency: { kind: 'exponential', mean: 900 }, loss: 0.05, duplicate: 0.05 });
  const refs = world.refs<Gossip>('g', 4);
  const actor = defineActor<GossipState, Gossip>({
    role: 'gossip',
    init: () => ({ known: [], heard: new Map(), tags: new Set(), asked: 0 }),
    recover: (disk) => ({ known: disk.log<string>('known'), heard: new Map(), tags: new Set(), asked: 0 }),
    start: (_state, ctx) => ctx.setTimer('round', ms(5)),
    timers: {
      round(state, ctx) {
        const item = `${ctx.self.id}:${ctx.clock.monotonic}`;
        state.known.push(item);
        ctx.disk.append('known', item);
        state.tags.add(`t${state.known.length % 5}`);
        if (state.tags.size > 3) state.tags.clear();
        const peer = ctx.random.pick(refs);
        ctx.send(peer, 'tell', { items: copyOf(state.known.slice(-3)), from: ctx.self.id });
        ctx.spawn(
          (function* () {
            const { size } = yield* ctx.call(peer, 'ask', {}, { deadline: ms(4) });
            ctx.update((later) => {
              later.asked += size;
            });
          })(),
        );
        ctx.setTimer('round', ms(5));
      },
    },
    on: {
      tell(state, { items, from }) {
        state.heard.set(from, (state.heard.get(from) ?? 0) + items.length);
        for (const item of items) if (!state.known.includes(item)) state.known.push(item);
        if (state.known.length > 40) state.known.splice(0, 20);
      },
      ask: (state) => ({ size: state.known.length }),
    },
  });
  for (const ref of refs) world.node(ref, { actor });
  world.start();
  world.at(ms(100), { fire: () => void crash(world, world.named('g2')) });
  world.at(ms(150), { fire: () => void restart(world, world.named('g2')) });
  return world;
}

const finalStates = (world: World): unknown => world.nodes.map((node) => node.state);

/** Applies patches as a reader of the trace would. */
function applied(state: unknown, patches: readonly StatePatch[]): unknown {
  let root = state;
  for (const { op, path, value } of patches) {
    if (path.length === 0) {
      root = copyOf(value);
      continue;
    }
    let parent = root as Record<string | number, unknown> | Map<unknown, unknown>;
    for (const key of path.slice(0, -1))
      parent = (parent instanceof Map ? parent.get(key) : parent[key]) as typeof parent;
    const key = path.at(-1) as string | number;
    if (parent instanceof Map) {
      if (op === 'remove') parent.delete(key);
      else parent.set(key, copyOf(value));
    } else if (parent instanceof Set) {
      if (op === 'remove') parent.delete(value);
      else parent.add(value);
    } else if (Array.isArray(parent) && op === 'add') parent.splice(Number(key), 0, copyOf(value));
    else if (Array.isArray(parent) && key === 'length') parent.length = value as number;
    else if (Array.isArray(parent) && op === 'remove') parent.splice(Number(key), 1);
    else if (op === 'remove') delete parent[key];
    else parent[key] = copyOf(value);
  }
  return root;
}

describe('the recorded path', () => {
  test('gives the same digest and the same states as the fast path, for any seed and any window', () => {
    const window = fc.option(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })));
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), window, (seed, range) => {
        const fast = gossipWorld(seed);
        drive(fast, ms(300));
        const trace = range === null ? new Trace() : new Trace({ from: ms(range[0]), to: ms(range[0] + range[1]) });
        const recorded = gossipWorld(seed, trace);
        drive(recorded, ms(300));
        expect(recorded.digest.hex()).toBe(fast.digest.hex());
        expect(finalStates(recorded)).toEqual(finalStates(fast));
      }),
      { numRuns: 20 },
    );
  });

  test('leaves patches from which every node’s final state can be rebuilt', () => {
    const trace = new Trace();
    const world = gossipWorld('patches', trace);
    drive(world, ms(300));
    const data = trace.toData(
      world.nodes.map((node) => node.id),
      world.initialStates,
      world.now,
    );
    const states: unknown[] = world.nodes.map((node) => copyOf(data.initial[node.id]));
    data.at.forEach((_at, i) => {
      const patches = data.patches[i + 1];
      const node = data.node[i] as number;
      if (patches !== undefined) states[node] = applied(states[node], patches);
    });
    expect(states).toEqual(finalStates(world));
  });

  test('names a cause for every delivery: the row of its sending', () => {
    const trace = new Trace();
    const world = gossipWorld('causes', trace);
    drive(world, ms(100));
    const data = trace.toData([], {}, world.now);
    const deliveries = data.kind
      .map((kind, i) => ({ kind: data.kinds[kind], i }))
      .filter(({ kind }) => kind === 'deliver');
    expect(deliveries.length).toBeGreaterThan(50);
    for (const { i } of deliveries) {
      const sending = (data.sending[i] as number) - 1;
      expect(data.kinds[data.kind[sending] as number]).toBe('send');
      expect([data.node[sending], data.peer[sending]]).toEqual([data.peer[i], data.node[i]]);
    }
  });

  test('counts the rows that do not fit', () => {
    const trace = new Trace({ maxRows: 100 });
    const world = gossipWorld('bounded', trace);
    drive(world, ms(100));
    const data = trace.toData([], {}, world.now);
    expect(data.at.length).toBe(100);
    expect(data.omitted).toBeGreaterThan(100);
  });
});

describe('payloads on the recorded path', () => {
  const sending = (
    send: (state: { list: number[] }) => unknown,
    receive: (payload: { list: number[] }) => void = () => undefined,
  ): (() => void) => {
    const world = new World({ seed: 'x', trace: new Trace() });
    const to = world.node<object, { take(p: unknown): void }>('to', {
      actor: { role: 'to', init: () => ({}), on: { take: (_state, p) => receive(p as { list: number[] }) } },
    });
    world.node<{ list: number[] }, object>('from', {
      actor: { role: 'from', init: () => ({ list: [1] }), start: (state, ctx) => ctx.send(to, 'take', send(state)) },
    });
    return () => drive(world, s(1));
  };

  test('may not hold a piece of the state', () => {
    expect(sending((state) => ({ list: state.list }))).toThrow(
      'from sends take: the payload holds a piece of the state: copy it out first',
    );
  });

  test('copied out are fine', () => {
    expect(sending((state) => ({ list: copyOf(state.list) }))).not.toThrow();
  });

  test('may not be changed by who receives them', () => {
    expect(
      sending(
        () => ({ list: [1] }),
        (p) => void p.list.push(2),
      ),
    ).toThrow(TypeError);
  });
});
