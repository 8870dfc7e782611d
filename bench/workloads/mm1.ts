/**
 * M/M/1 at ρ = 0.8 through the public client and server models, with everything that they bring: a call with its deadline
 * over two links, the CPU's queue, counters, time series, the latency histogram. The bare loop has an arrival and a departure
 * for each job and sums up the times. Counted: jobs.
 */
import { constant, exponential, World } from '../../sim/index.ts';
import { client } from '../../models/client/client.ts';
import { openLoop } from '../../models/client/workload.ts';
import { serverNode, type ServiceProtocol } from '../../models/server/server.ts';
import type { Contestant } from '../contest.ts';
import { TypedHeap } from '../reference/typed-heap.ts';
import { Draws } from './draws.ts';
import { advance } from './drive.ts';
import { versus } from './versus.ts';

const JOBS = 60_000;
const MEAN_GAP = 1_250;
const MEAN_SERVICE = 1_000;
const LATENCY = 250;
const ARRIVAL = 1;

function stationWorld(jobs: number): Contestant {
  const world = new World({ seed: 'mm1' });
  world.links({ latency: constant(LATENCY) });
  const target = world.node<never, ServiceProtocol>(
    'server',
    serverNode({ service: exponential({ mean: MEAN_SERVICE }) }) as never,
  );
  world.node('client', {
    actor: client<ServiceProtocol>({
      target,
      workload: openLoop({ gap: exponential({ mean: MEAN_GAP }) }),
      operation: () => ({ message: 'request', payload: {} }),
      deadline: '30s',
      record: false,
    }),
  });
  const done = (): number => world.metrics.counter('client', 'ok').value;
  return {
    run(): number {
      const before = done();
      advance(world, Math.round(jobs * MEAN_GAP));
      return done() - before;
    },
  };
}

function stationLoop(jobs: number): Contestant {
  const heap = new TypedHeap(16);
  const draws = new Draws();
  const waiting: number[] = [];
  let head = 0;
  let done = 0;
  let total = 0;
  const serve = (): void => void heap.push(heap.now + draws.exponential(MEAN_SERVICE), 2, 0, 0, undefined);
  const arrive = (): void => {
    waiting.push(heap.now);
    if (waiting.length - head === 1) serve();
    heap.push(heap.now + draws.exponential(MEAN_GAP), ARRIVAL, 0, 0, undefined);
  };
  const depart = (): void => {
    total += heap.now - (waiting[head++] as number);
    done++;
    if (head < waiting.length) serve();
    else waiting.length = head = 0;
  };
  heap.push(0, ARRIVAL, 0, 0, undefined);
  return {
    run(): number {
      const before = done;
      heap.run(() => (heap.kind === ARRIVAL ? arrive() : depart()), Math.round(2 * jobs));
      if (!(total > 0)) throw new Error('no job has left the reference station');
      return done - before;
    },
  };
}

export const mm1 = versus({
  name: 'mm1',
  work: 'M/M/1 through the client and server models, per job',
  atLeast: 0.35,
  engine: ({ size }) => stationWorld(JOBS * size),
  reference: ({ size }) => stationLoop(JOBS * size),
});
