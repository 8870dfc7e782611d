import { describe, expect, test } from '@jest/globals';
import { constant, ms, s, type Flow, type NodeRef } from '../../sim/index.ts';
import type { CallError } from '../../sim/world/call-error.ts';
import { World } from '../../sim/world/world.ts';
import { serviceGraph, type ServiceGraph, type ServiceProtocol } from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';

/** So many requests at once to the first node of `entry`, 1 ms away from everything; how and when (ms) each ended. */
function ask(graph: ServiceGraph, entry: string, requests = 1) {
  const world = new World({ seed: 'graph' });
  world.links({ latency: constant(ms(1)) });
  const nodes = serviceGraph(world, graph);
  const target = nodes[entry]?.[0] as NodeRef<ServiceProtocol>;
  world.node('app', {
    actor: runner(function* (ctx, log) {
      yield* ctx.all(
        Array.from({ length: requests }, function* (): Flow {
          let ended = 'ok';
          try {
            yield* ctx.call(target, 'request', {}, { deadline: '10s' });
          } catch (error) {
            ended = (error as CallError).code;
          }
          log(`${ended} ${ctx.clock.monotonic / 1000}`);
        }),
      );
    }),
  });
  drive(world, s(30));
  return {
    lines: world.named('app').state as string[],
    count: (node: string, name: string): number => world.metrics.counter(node, name).value,
    roles: world.nodes.map(({ id, actor }) => `${id}: ${actor.spec.role}`),
  };
}

const LEAVES = { a: { service: '10ms' }, b: { service: '20ms' } } as const;

describe('a service graph', () => {
  test('has a node for each replica, in the role of its service', () => {
    expect(ask({ front: { calls: ['a'] }, a: { replicas: 2 } }, 'front').roles).toEqual([
      'front: front',
      'a1: a',
      'a2: a',
      'app: runner',
    ]);
  });

  test('adds up calls one after the other, takes the slowest of those in parallel', () => {
    expect(ask({ front: { calls: ['a', 'b'] }, ...LEAVES }, 'front').lines).toEqual(['ok 37']);
    expect(ask({ front: { calls: ['a', 'b'], parallel: true }, ...LEAVES }, 'front').lines).toEqual(['ok 25']);
    expect(ask({ front: { calls: [{ to: 'a', times: 3 }] }, ...LEAVES }, 'front').lines).toEqual(['ok 39']);
  });

  test('spreads calls over replicas in turn, or makes them to each', () => {
    const graph = {
      front: { servers: 4, calls: ['leaf'] },
      leaf: { replicas: 2, service: '10ms' },
    } satisfies ServiceGraph;
    const inTurn = ask(graph, 'front', 4);
    expect([inTurn.count('leaf1', 'served'), inTurn.count('leaf2', 'served')]).toEqual([2, 2]);
    const each = ask({ ...graph, front: { parallel: true, calls: [{ to: 'leaf', replicas: 'each' }] } }, 'front');
    expect([each.lines, each.count('leaf1', 'served'), each.count('leaf2', 'served')]).toEqual([['ok 15'], 1, 1]);
  });

  test('a caller does not wait for an event, nor does its failure matter', () => {
    const graph = {
      front: { calls: [{ to: 'a', async: true }] },
      a: { service: '10ms', errorRate: 1 },
    } satisfies ServiceGraph;
    const { lines, count } = ask(graph, 'front');
    expect([lines, count('a', 'failed'), count('front', 'async-failed')]).toEqual([['ok 3'], 1, 1]);
  });

  test('only a share of the requests makes a call that says so', () => {
    const { count } = ask(
      { front: { servers: 500, calls: [{ to: 'a', share: 0.2 }] }, a: { servers: 500 } },
      'front',
      500,
    );
    expect(count('a', 'served')).toBeGreaterThan(60);
    expect(count('a', 'served')).toBeLessThan(140);
  });

  test('threads are held while answers are awaited: a slow leaf fills the caller’s pool', () => {
    const graph = {
      front: { threads: 2, service: '1ms', calls: ['leaf'] },
      leaf: { servers: 9, service: '100ms' },
    } satisfies ServiceGraph;
    expect(ask(graph, 'front', 4).lines).toEqual(['ok 105', 'ok 106', 'ok 208', 'ok 209']);
    expect(ask({ ...graph, front: { service: '1ms', calls: ['leaf'] } }, 'front', 4).lines).toEqual([
      'ok 105',
      'ok 106',
      'ok 107',
      'ok 108',
    ]);
  });

  test('what makes no sense is named', () => {
    expect(() => ask({ front: { calls: ['leav'] }, leaf: {} }, 'front')).toThrow('services.front.calls[0]: got "leav"');
    expect(() => ask({ front: { calls: ['leav'] }, leaf: {} }, 'front')).toThrow('did you mean leaf?');
    expect(() => ask({ a: { calls: ['b'] }, b: { calls: ['c'] }, c: { calls: ['a'] } }, 'a')).toThrow('a → b → c → a');
    expect(() => ask({ a: { replicas: 0 } }, 'a')).toThrow('services.a.replicas: got 0');
    const front = (calls: unknown) => () => ask({ front: { calls: calls as never }, leaf: {} }, 'front');
    expect(front('leaf')).toThrow('services.front.calls: got "leaf", expected a list of names');
    expect(front([{}])).toThrow('services.front.calls[0]: got {}, expected the name of a service, or a call');
    expect(front([{ to: 'leaf', replicas: 'all' }])).toThrow(
      'services.front.calls[0].replicas: got "all", expected one of one, each',
    );
    expect(front([{ to: 'leaf', propagates: 'alway' }])).toThrow(
      'services.front.calls[0].propagates: got "alway", expected one of always, when-known, never; did you mean "always"?',
    );
  });
});
