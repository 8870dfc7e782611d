import { describe, expect, test } from '@jest/globals';
import { constant, immediateRetry, ms, s, type Flow, type NodeRef } from '../../sim/index.ts';
import type { CallError } from '../../sim/world/call-error.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  serverNode,
  type ServerOptions,
  type ServerState,
  type ServiceProtocol,
  type ServiceRequest,
} from '../../models/index.ts';
import type { Context } from '../../sim/world/context.ts';
import { drive, runner } from '../support/bare-world.ts';

interface Bench {
  readonly world: World;
  readonly lines: string[];
  count(name: string, node?: string): number;
  state(): ServerState;
}

/** `requests` at once, 1 ms away from a server; each line says how and when (µs) one ended. */
function bench(
  options: ServerOptions,
  requests: readonly ServiceRequest[],
  deadline = s(10),
  place?: (world: World) => ServerOptions,
): Bench {
  const world = new World({ seed: 'server' });
  world.links({ latency: constant(ms(1)) });
  const target = world.node('s', serverNode({ service: '10ms', ...options, ...place?.(world) }));
  world.node('app', {
    actor: runner(function* (ctx, log) {
      yield* ctx.all(requests.map((request, i) => ask(target, ctx, request, i, deadline, log)));
    }),
  });
  world.start();
  drive(world, ms(1));
  return {
    world,
    get lines() {
      drive(world, s(20));
      return world.named('app').state as string[];
    },
    count: (name, node = 's') => world.metrics.counter(node, name).value,
    state: () => world.named('s').state as ServerState,
  };
}

function* ask(
  target: NodeRef<ServiceProtocol>,
  ctx: Context<string[]>,
  request: ServiceRequest,
  i: number,
  deadline: number,
  log: (line: string) => void,
): Flow {
  let ended = 'ok';
  try {
    yield* ctx.call(target, 'request', request, { deadline });
  } catch (error) {
    ended = (error as CallError).code;
  }
  log(`${i} ${ended} ${ctx.clock.monotonic}`);
}

const asks = (n: number, request: ServiceRequest = {}): ServiceRequest[] => Array.from({ length: n }, () => request);

describe('the queue', () => {
  test('is first come first served over its workers', () => {
    expect(bench({ servers: 2 }, asks(4)).lines).toEqual(['0 ok 12000', '1 ok 12000', '2 ok 22000', '3 ok 22000']);
  });

  test('refuses beyond its places, at once', () => {
    const { lines } = bench({ queue: 1 }, asks(4));
    expect(lines).toEqual(['2 queue-full 2000', '3 queue-full 2000', '0 ok 12000', '1 ok 22000']);
  });

  test('a limit on queueing time refuses what waited too long and serves the rest in order', () => {
    const { lines, count, state } = bench({ maxQueueTime: '15ms', queue: 3 }, asks(5));
    expect(lines).toEqual([
      '4 queue-full 2000',
      '0 ok 12000',
      '2 queue-timeout 17000',
      '3 queue-timeout 17000',
      '1 ok 22000',
    ]);
    expect([count('shed'), state().busy, state().inFlight, state().queue]).toEqual([3, 0, 0, []]);
  });

  test('with a limit on queueing time that nothing reaches it is the same queue', () => {
    const limited = bench({ servers: 2, maxQueueTime: '1s' }, asks(6)).lines;
    expect(limited).toEqual(bench({ servers: 2 }, asks(6)).lines);
  });

  test('a limit on requests in progress refuses at the door', () => {
    const { lines } = bench({ maxInFlight: 2, servers: 2 }, asks(3));
    expect(lines).toEqual(['2 overloaded 2000', '0 ok 12000', '1 ok 12000']);
  });
});

describe('deadlines', () => {
  test('a request leaves the queue when its caller has no time left, and its work is not done', () => {
    const { lines, count, world } = bench({}, [{}, { within: ms(5) }, {}]);
    expect(lines).toEqual(['1 expired 7000', '0 ok 12000', '2 ok 22000']);
    expect(count('expired')).toBe(1);
    expect(world.metrics.gauge('s', 'cpu.busy').toJSON().mean).toBeCloseTo(20 / 20_000, 6);
  });

  test('what is expired on arrival is not begun', () => {
    expect(bench({}, [{ within: 0 }]).lines).toEqual(['0 expired 2000']);
  });

  test('work in progress for a caller who has gone burns its time', () => {
    expect(bench({}, [{ within: ms(5) }, {}]).lines).toEqual(['0 expired 7000', '1 ok 22000']);
  });

  test('time left is passed on further down', () => {
    const { lines, world } = bench({}, [{ within: ms(15) }], s(10), (w) => ({
      calls: [{ target: w.node('db', serverNode({ service: '50ms' })) }],
    }));
    expect(lines).toEqual(['0 timeout 17000']);
    drive(world, s(1));
    expect(world.metrics.counter('db', 'expired').value).toBe(1);
  });
});

describe('calls further down', () => {
  const twoBelow = (w: World) => [
    { target: w.node('db1', serverNode({ service: '20ms' })) },
    { target: w.node('db2', serverNode({ service: '30ms' })) },
  ];

  test('add up one after the other', () => {
    expect(bench({}, asks(1), s(10), (w) => ({ calls: twoBelow(w) })).lines).toEqual(['0 ok 66000']);
  });

  test('in parallel the slowest counts', () => {
    expect(bench({}, asks(1), s(10), (w) => ({ calls: twoBelow(w), parallel: true })).lines).toEqual(['0 ok 44000']);
  });

  const failing = (w: World) => w.node('db', serverNode({ service: '20ms', errorRate: 1 }));

  test('a failure further down is the request’s failure', () => {
    expect(bench({}, asks(1), s(10), (w) => ({ calls: [{ target: failing(w) }] })).lines).toEqual(['0 error 34000']);
  });

  test('unless the answer is optional', () => {
    expect(bench({}, asks(1), s(10), (w) => ({ calls: [{ target: failing(w), optional: true }] })).lines).toEqual([
      '0 ok 34000',
    ]);
  });

  test('are retried as asked', () => {
    const retry = immediateRetry({ attempts: 3 });
    const { lines, count } = bench({}, asks(1), s(10), (w) => ({ calls: [{ target: failing(w), retry }] }));
    expect(lines).toEqual(['0 error 78000']);
    expect(count('failed', 'db')).toBe(3);
  });
});

test('a crash loses queue and work, and the restarted server starts empty', () => {
  const { world, state } = bench({ maxQueueTime: '5s' }, asks(5), ms(500));
  drive(world, ms(15));
  expect([state().busy, (state().queue as unknown[]).length]).toEqual([1, 3]);
  crash(world, world.named('s'));
  restart(world, world.named('s'));
  drive(world, s(20));
  expect(world.named('app').state).toEqual([
    '0 ok 12000',
    '1 timeout 500000',
    '2 timeout 500000',
    '3 timeout 500000',
    '4 timeout 500000',
  ]);
  expect([state().busy, state().inFlight, world.named('s').cpu.busy, world.named('s').flows.count]).toEqual([
    0, 0, 0, 0,
  ]);
});

test('options that make no sense are named', () => {
  expect(() => serverNode({ servers: 0 })).toThrow('server.servers: got 0, expected a whole number of at least 1');
  expect(() => serverNode({ errorRate: 2 })).toThrow('server.errorRate');
  expect(() => serverNode({ queue: -1 })).toThrow('server.queue');
  expect(() => serverNode({ calls: [{ target: [] }] })).toThrow('server.calls[0].target: got [], expected a node');
  expect(() => serverNode({ calls: 'db' as never })).toThrow('server.calls: got "db", expected a list of calls');
  expect(() => serverNode({ calls: ['db' as never] })).toThrow(
    'server.calls[0].target: got undefined, expected a node',
  );
  expect(() => serverNode({ discipline: 'lifo' as never })).toThrow('server.discipline: got "lifo", expected one such');
  expect(() => serverNode({ admission: {} as never })).toThrow('server.admission: got {}, expected a list of policies');
  const target = { id: 's', index: 0 };
  expect(() => serverNode({ calls: [{ target, propagates: 'no' as never }] })).toThrow(
    'server.calls[0].propagates: got "no", expected one of always, when-known, never',
  );
});
