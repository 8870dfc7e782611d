import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, exponential, ms, NEVER, s, type Flow } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import type { CallError } from '../../sim/world/call-error.ts';
import { World } from '../../sim/world/world.ts';
import {
  adaptiveLifo,
  byPriority,
  client,
  codel,
  controlledDelay,
  deficitRoundRobin,
  earliestDeadlineFirst,
  firstComeFirstServed,
  lastComeFirstServed,
  openLoop,
  processorSharing,
  serverNode,
  startTimeFair,
  type QueueDiscipline,
  type ServerOptions,
  type ServerState,
  type ServiceProtocol,
  type ServiceRequest,
  type Waiting,
} from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';
import { befall, type Incident } from '../support/incident.ts';

const DISCIPLINES: readonly (() => QueueDiscipline)[] = [
  firstComeFirstServed,
  lastComeFirstServed,
  adaptiveLifo,
  byPriority,
  () => byPriority({ preemptive: true }),
  earliestDeadlineFirst,
  deficitRoundRobin,
  () => deficitRoundRobin({ quantum: '2ms', weights: { a: 3, b: 0.5 } }),
  startTimeFair,
  () => startTimeFair({ weights: { a: 3, b: 0.5 } }),
  codel,
  () => codel({ target: '2ms', interval: '10ms' }),
  controlledDelay,
  () => controlledDelay({ order: adaptiveLifo({ threshold: 2 }) }),
  processorSharing,
];
const table = DISCIPLINES.map((make) => [make().name, make] as const);

const item = (ticket: number, rest: Partial<Waiting> = {}): Waiting => ({
  ticket,
  arrived: 0,
  work: ms(5),
  priority: 0,
  flow: '',
  expires: NEVER,
  ...rest,
});

describe.each(table)('%s', (_name, make) => {
  const event = fc.record({
    what: fc.constantFrom('enter', 'enter', 'next', 'leave'),
    gap: fc.nat(20),
    priority: fc.nat(2),
    flow: fc.constantFrom('a', 'b', 'c'),
    work: fc.integer({ min: 1, max: 30 }),
    within: fc.integer({ min: 1, max: 60 }),
    pick: fc.nat(),
  });

  test('gives back every request that entered exactly once, and none that has left', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const discipline = make();
        const state = discipline.init();
        const inside = new Set<number>();
        let [now, tickets] = [0, 0];
        const take = (): void => {
          const { serve, drop } = discipline.next(state, now);
          for (const { ticket } of serve === undefined ? drop : [...drop, serve])
            expect(inside.delete(ticket)).toBe(true);
          if (serve === undefined) expect(inside.size).toBe(0);
        };
        for (const { what, gap, priority, flow, work, within, pick } of events) {
          now += ms(gap);
          if (what === 'enter') {
            const one = item(tickets++, { arrived: now, work: ms(work), priority, flow, expires: now + ms(within) });
            expect(discipline.patience?.(state, now) ?? 1).toBeGreaterThan(0);
            discipline.enter(state, one, now);
            inside.add(one.ticket);
          } else if (what === 'next') {
            take();
          } else {
            const ticket = pick % Math.max(1, tickets);
            expect(discipline.leave(state, ticket)).toBe(inside.delete(ticket));
          }
          expect(discipline.length(state)).toBe(inside.size);
        }
        for (let left = inside.size; left > 0; left--) take();
        expect(inside.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('in a server every request ends once and both paths agree, whatever crashes, pauses or is slow', () => {
    const incident = fc.record({
      what: fc.constantFrom<Incident['what']>('crash', 'pause', 'slow'),
      at: fc.integer({ min: 20, max: 300 }),
    });
    fc.assert(
      fc.property(
        fc.array(incident, { maxLength: 2 }),
        fc.string({ minLength: 1 }),
        fc.integer({ min: 1, max: 3 }),
        (incidents, seed, servers) => {
          const hexes = [undefined, new Trace({})].map((trace) => {
            const world = new World({ seed, ...(trace === undefined ? {} : { trace }) });
            world.links({ latency: constant(ms(1)) });
            const service = exponential({ mean: ms(6 * servers) });
            const options = {
              servers,
              service,
              discipline: make(),
              queue: 20,
              patience: exponential({ mean: ms(200) }),
              cancellable: true,
            };
            const target = world.node('server', serverNode(options));
            const operation = (_: unknown, n: number) =>
              ({
                message: 'request',
                payload: { priority: n % 3, key: `k${n % 2}`, ...(n % 4 === 0 && { within: ms(50) }) },
              }) as const;
            const workload = openLoop({ rate: 180, operations: 60 });
            world.node('client', { actor: client<ServiceProtocol>({ target, operation, workload, deadline: '5s' }) });
            const node = world.named('server');
            for (const incident of incidents)
              befall(world, world.named('server'), incident, { lasts: 60, slowdown: 4 });
            drive(world, s(30));
            const count = (name: string): number => world.metrics.counter('client', name).value;
            expect(count('ok') + count('fail') + count('info')).toBe(60);
            const { inFlight, busy, queue, running = [], shared } = node.state as ServerState;
            expect([inFlight, busy, options.discipline.length(queue), running.length]).toEqual([0, 0, 0, 0]);
            expect(shared ?? { sharing: [], joining: [], runs: false }).toEqual({
              sharing: [],
              joining: [],
              runs: false,
            });
            expect([
              node.flows.count,
              node.cpu.busy,
              node.cpu.queued,
              [...node.signals.values()].flat().length,
            ]).toEqual([0, 0, 0, 0]);
            return world.digest.hex();
          });
          expect(hexes[1]).toBe(hexes[0]);
        },
      ),
      { numRuns: 3 },
    );
  });
});

/** Requests at given instants (ms) to a server without distance; how and when (ms) each ended, in that order. */
function served(
  options: ServerOptions,
  requests: readonly (ServiceRequest & { readonly at?: number })[],
  slowFrom?: number,
) {
  const world = new World({ seed: 'served' });
  world.links({ latency: constant(0) });
  const target = world.node('server', serverNode({ service: '10ms', ...options }));
  world.node('app', {
    actor: runner(function* (ctx, log) {
      yield* ctx.all(
        requests.map(function* ({ at = 0, ...request }, i): Flow {
          yield* ctx.sleep(ms(at));
          let ended = 'ok';
          try {
            yield* ctx.call(target, 'request', request, { deadline: '100s' });
          } catch (error) {
            ended = (error as CallError).code;
          }
          log(`${i} ${ended} ${ctx.clock.monotonic / 1000}`);
        }),
      );
    }),
  });
  if (slowFrom !== undefined) world.at(ms(slowFrom), { fire: () => (world.named('server').cpu.slowdown = 2) });
  drive(world, s(60));
  return { lines: world.named('app').state as string[], world };
}

const orderOf = (lines: readonly string[]): number[] => lines.map((line) => Number(line.split(' ')[0]));

describe('the order', () => {
  const at = (n: number): { at: number }[] => Array.from({ length: n }, (_, i) => ({ at: i }));

  test('last come first served leaves the oldest for last', () => {
    expect(orderOf(served({ discipline: lastComeFirstServed() }, at(4)).lines)).toEqual([0, 3, 2, 1]);
  });

  test('adaptive LIFO is first come first served while the queue is short, and the other way round when it is not', () => {
    expect(orderOf(served({ discipline: adaptiveLifo({ threshold: 3 }) }, at(4)).lines)).toEqual([0, 1, 2, 3]);
    expect(orderOf(served({ discipline: adaptiveLifo({ threshold: 2 }) }, at(6)).lines)).toEqual([0, 5, 4, 3, 1, 2]);
  });

  test('priority goes before order, and does not interrupt', () => {
    const { lines } = served({ discipline: byPriority() }, [{ priority: 1 }, { priority: 1 }, { priority: 0, at: 5 }]);
    expect(lines).toEqual(['0 ok 10', '2 ok 20', '1 ok 30']);
  });

  test('pre-emptive priority interrupts, and the interrupted goes on from where it stood', () => {
    const { lines } = served({ discipline: byPriority({ preemptive: true }) }, [
      { priority: 2 },
      { priority: 2 },
      { priority: 1, at: 4 },
      { priority: 0, at: 8 },
    ]);
    expect(lines).toEqual(['3 ok 18', '2 ok 24', '0 ok 30', '1 ok 40']);
  });

  test('what is interrupted on a node that has become slow goes on at that speed', () => {
    // Work of 10: 3.5 done in 4 ms; the important one takes 20 from there; 6.5 left take 13.
    const requests = [{ priority: 1 }, { priority: 0, at: 4 }];
    expect(served({ discipline: byPriority({ preemptive: true }) }, requests, 3).lines).toEqual(['1 ok 24', '0 ok 37']);
  });

  test('with two workers the one who came last among the least important gives way', () => {
    const requests = [{ priority: 1 }, { priority: 1 }, { priority: 0, at: 3 }];
    const { lines } = served({ servers: 2, discipline: byPriority({ preemptive: true }) }, requests);
    expect(lines).toEqual(['0 ok 10', '2 ok 13', '1 ok 17']);
  });

  test('earliest deadline first, and what has expired is not begun', () => {
    const requests = [{}, { within: ms(100) }, { within: ms(35) }, {}, { within: ms(18) }];
    const { lines } = served({ discipline: earliestDeadlineFirst() }, requests);
    expect(orderOf(lines.filter((line) => line.includes('ok')))).toEqual([0, 4, 2, 1, 3]);
    expect(served({ discipline: earliestDeadlineFirst() }, [{}, { within: ms(8) }]).lines[0]).toBe('1 queue-timeout 8');
  });

  test.each([
    ['deficit round robin', () => deficitRoundRobin({ quantum: '10ms', weights: { b: 2 } })],
    ['start-time fair queueing', () => startTimeFair({ weights: { b: 2 } })],
  ] as const)('%s serves flows by their weights, not by their number of requests', (_name, make) => {
    const keys = ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', 'c'];
    const { lines } = served(
      { discipline: make() },
      keys.map((key) => ({ key })),
    );
    const first = orderOf(lines)
      .slice(1, 9)
      .map((i) => keys[i]);
    expect([
      first.filter((key) => key === 'a').length,
      first.filter((key) => key === 'b').length,
      first.filter((key) => key === 'c').length,
    ]).toEqual([2, 4, 2]);
  });

  test('processor sharing serves all at once, each at its share', () => {
    // Alone for 4 ms, then two at half speed, then three at a third: 4 + 2·… by hand.
    const { lines } = served({ discipline: processorSharing() }, [{}, { at: 4 }, { at: 8 }]);
    expect(lines).toEqual(['0 ok 20', '1 ok 28', '2 ok 30']);
    expect(
      served({ servers: 2, discipline: processorSharing() }, [{}, {}, {}]).lines.map((line) => line.slice(2)),
    ).toEqual(['ok 15', 'ok 15', 'ok 15']);
  });
});

describe('whoever does not wait', () => {
  test('is refused when the queue is full, by its own limit, by its patience', () => {
    const { lines } = served({ queue: 1, discipline: lastComeFirstServed() }, [{}, {}, {}]);
    expect(lines).toEqual(['2 queue-full 0', '0 ok 10', '1 ok 20']);
    expect(served({ patience: constant(ms(7)) }, [{}, {}]).lines).toEqual(['1 queue-timeout 7', '0 ok 10']);
  });

  test('can be taken back while it queues, and is refused when that came first', () => {
    const world = new World({ seed: 'cancel' });
    world.links({ latency: constant(0) });
    const target = world.node('server', serverNode({ service: '10ms', cancellable: true }));
    world.node('app', {
      actor: runner(function* (ctx, log) {
        const ask = function* (id: string): Flow {
          try {
            yield* ctx.call(target, 'request', { id });
            log(`${id} ok`);
          } catch (error) {
            log(`${id} ${(error as CallError).code} ${ctx.clock.monotonic / 1000}`);
          }
        };
        ctx.send(target, 'cancel', { id: 'early' });
        const later = function* (): Flow {
          yield* ctx.sleep(ms(3));
          for (const id of ['served', 'waiting']) ctx.send(target, 'cancel', { id });
          yield* ask('early');
        };
        yield* ctx.all([ask('served'), ask('waiting'), later()]);
      }),
    });
    drive(world, s(1));
    expect(world.named('app').state).toEqual(['waiting cancelled 3', 'early cancelled 3', 'served ok']);
  });

  test('CoDel drops one when the wait has been too long for an interval, and then ever more often', () => {
    const discipline = codel({ target: '5ms', interval: '100ms' });
    const state = discipline.init();
    const dropped: number[] = [];
    let ticket = 0;
    for (let now = 0; now < s(1); now += ms(2)) {
      // Twice as many come as are served, so that the wait only grows.
      for (let i = 0; i < 2; i++) discipline.enter(state, item(ticket++, { arrived: now }), now);
      for (const _ of discipline.next(state, now).drop) dropped.push(now / 1000);
    }
    const gaps = dropped.slice(1).map((at, i) => at - (dropped[i] as number));
    expect(dropped[0]).toBeGreaterThanOrEqual(100);
    expect(dropped[0]).toBeLessThan(120);
    // The control law: 100 ms / √n.
    expect(gaps.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6].map((n) => expect.closeTo(100 / Math.sqrt(n), -1)));
  });

  test('controlled delay is patient after a burst and short when the queue stands', () => {
    const discipline = controlledDelay({ target: '5ms', interval: '100ms' });
    const state = discipline.init();
    expect(discipline.patience?.(state, ms(1_000))).toBe(ms(100));
    discipline.enter(state, item(1), ms(1_000));
    expect(discipline.patience?.(state, ms(1_050))).toBe(ms(100));
    expect(discipline.patience?.(state, ms(1_101))).toBe(ms(5));
    discipline.next(state, ms(1_101));
    expect(discipline.patience?.(state, ms(1_150))).toBe(ms(100));
  });
});

test('options that make no sense are named', () => {
  expect(() => codel({ target: '10ms', interval: '10ms' })).toThrow('codel.interval');
  expect(() => deficitRoundRobin({ weights: { a: 0 } })).toThrow('deficitRoundRobin.weights.a');
  expect(() => adaptiveLifo({ threshold: -1 })).toThrow('adaptiveLifo.threshold');
  expect(() => serverNode({ threads: 2, discipline: processorSharing() })).toThrow('server.discipline');
});
