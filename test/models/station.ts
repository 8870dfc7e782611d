/** Runs a queueing station made of the public client, balancer and server models, and measures what theory predicts. */
import { compile, exponential, ms, s } from '../../sim/index.ts';
import type { NodeRef } from '../../sim/index.ts';
import { runUntil } from '../../sim/kernel/engine.ts';
import { limitsFrom } from '../../sim/kernel/limits.ts';
import { EventKind } from '../../sim/world/event-kind.ts';
import { World } from '../../sim/world/world.ts';
import { client, loadBalancer, openLoop, serverNode } from '../../models/index.ts';
import type { BalancerPolicy, ServiceProtocol } from '../../models/index.ts';

export interface StationRun {
  readonly seed: string;
  /** Arrivals per mean service time. */
  readonly load: number;
  readonly jobs: number;
  readonly servers?: number;
  readonly queue?: number;
  /** Share of the run that is not measured. Default 0. */
  readonly warmUp?: number;
}

export interface Measured {
  readonly sojourn: number;
  readonly queueing: number;
  readonly waits: number;
  readonly loss: number;
  readonly present: number;
  /** |L − λT| / L. */
  readonly littleError: number;
  readonly quantile: (q: number) => number;
}

/** One mean service time. */
export const SERVICE = ms(10);

const worldWithoutDistance = (seed: string): World => {
  const world = new World({ seed });
  world.links({ latency: { kind: 'constant', value: 0 } });
  return world;
};

function load(world: World, target: NodeRef<ServiceProtocol>, perService: number, warmUp: number): void {
  const actor = client({
    target,
    record: false,
    deadline: '1000h',
    warmUp,
    workload: openLoop({ rate: (perService * s(1)) / SERVICE }),
    operation: () => ({ message: 'request', payload: {} }),
  });
  world.node('client', { actor });
}

/** M/M/c/K: one server node. */
export function station({ seed, load: perService, jobs, servers = 1, queue }: StationRun): Measured {
  const world = worldWithoutDistance(seed);
  const service = exponential({ mean: SERVICE });
  const target = world.node('server', serverNode({ servers, service, ...(queue === undefined ? {} : { queue }) }));
  const until = Math.round((jobs * SERVICE) / perService);
  load(world, target, perService, 0);
  world.start();
  const { cpu } = world.named('server');
  let arrivals = 0;
  let waits = 0;
  runUntil(world.queue, until, limitsFrom({ maxEvents: 1e9 }), () => {
    if (world.queue.kind === EventKind.request) {
      arrivals++;
      if (cpu.busy === servers && (queue === undefined || cpu.queued < queue)) waits++;
    }
    world.dispatch();
  });
  const latency = world.metrics.histogram('client', 'latency');
  const level = (name: string): number => world.metrics.gauge('server', name).toJSON().mean;
  const present = level('cpu.busy') + level('cpu.queue');
  const sojourn = latency.mean / SERVICE;
  const throughput = (latency.count / until) * SERVICE;
  return {
    sojourn,
    queueing: sojourn - compile(service).mean / SERVICE,
    waits: waits / arrivals,
    loss: world.metrics.counter('client', 'fail').value / arrivals,
    present,
    littleError: Math.abs(present - throughput * sojourn) / present,
    quantile: (q) => latency.quantile(q) / SERVICE,
  };
}

/** `servers` one-worker nodes behind a balancer; `load` is for all of them together. Returns the mean time in the system. */
export function balanced<S>(
  { seed, load: perService, jobs, servers = 2, warmUp = 0 }: StationRun,
  policy: BalancerPolicy<S>,
): number {
  const world = worldWithoutDistance(seed);
  const service = exponential({ mean: SERVICE });
  const backends = Array.from({ length: servers }, (_, i) => world.node(`server${i + 1}`, serverNode({ service })));
  const target = world.node('balancer', {
    actor: loadBalancer<ServiceProtocol, S>({ backends, policy, deadline: '1000h', passive: false }),
  });
  const until = Math.round((jobs * SERVICE) / perService);
  load(world, target, perService, Math.round(until * warmUp));
  world.start();
  runUntil(world.queue, until, limitsFrom({ maxEvents: 1e9 }), () => world.dispatch());
  return world.metrics.histogram('client', 'latency').mean / SERVICE;
}
