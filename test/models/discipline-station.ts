/** A station with classes of requests, made of the public client and server models. */
import { exponential, ms, s } from '../../sim/index.ts';
import type { Distribution } from '../../sim/index.ts';
import { runUntil } from '../../sim/kernel/engine.ts';
import { limitsFrom } from '../../sim/kernel/limits.ts';
import type { Trace } from '../../sim/trace/trace.ts';
import { World } from '../../sim/world/world.ts';
import { client, openLoop, serverNode } from '../../models/index.ts';
import type { ServerOptions } from '../../models/index.ts';

/** One mean service time. */
export const SERVICE = ms(10);

export interface RequestClass {
  /** Arrivals per mean service time. */
  readonly load: number;
  readonly priority?: number;
  readonly key?: string;
  /** How long its callers wait, in mean service times. */
  readonly within?: number;
}

export interface ClassedStation {
  readonly seed: string;
  readonly classes: readonly RequestClass[];
  /** Jobs of all classes. */
  readonly jobs: number;
  readonly server?: Omit<ServerOptions, 'service'>;
  /** Default: exponential. */
  readonly service?: Distribution;
  readonly trace?: Trace;
}

export interface ClassedRun {
  readonly world: World;
  /** Mean time in the system of each class, in mean service times, of those served. */
  readonly sojourn: readonly number[];
  /** Share of each class that was not served. */
  readonly lost: readonly number[];
  readonly served: readonly number[];
  readonly offered: readonly number[];
  /** Mean number in the system, from Little's law. */
  readonly present: number;
  quantile(kind: number, q: number): number;
}

export function classedStation({ seed, classes, jobs, server = {}, service, trace }: ClassedStation): ClassedRun {
  const world = new World({ seed, ...(trace === undefined ? {} : { trace }) });
  world.links({ latency: { kind: 'constant', value: 0 } });
  const target = world.node('server', serverNode({ ...server, service: service ?? exponential({ mean: SERVICE }) }));
  const load = classes.reduce((sum, kind) => sum + kind.load, 0);
  const until = Math.round((jobs * SERVICE) / load);
  for (const [i, { load: own, priority, key, within }] of classes.entries()) {
    const payload = {
      ...(priority === undefined ? {} : { priority }),
      ...(key === undefined ? {} : { key }),
      ...(within === undefined ? {} : { within: Math.round(within * SERVICE) }),
    };
    const actor = client({
      target,
      record: false,
      deadline: '1000h',
      workload: openLoop({ rate: (own * s(1)) / SERVICE }),
      operation: () => ({ message: 'request', payload }),
    });
    world.node(`c${i + 1}`, { actor });
  }
  world.start();
  runUntil(world.queue, until, limitsFrom({ maxEvents: 1e9 }), () => world.dispatch());
  const names = classes.map((_, i) => `c${i + 1}`);
  const latency = (name: string) => world.metrics.histogram(name, 'latency');
  const count = (name: string, counter: string): number => world.metrics.counter(name, counter).value;
  return {
    world,
    sojourn: names.map((name) => latency(name).mean / SERVICE),
    lost: names.map((name) => count(name, 'fail') / count(name, 'offered')),
    served: names.map((name) => count(name, 'ok')),
    offered: names.map((name) => count(name, 'offered')),
    present: names.reduce((sum, name) => sum + latency(name).mean * latency(name).count, 0) / until,
    quantile: (kind, q) => latency(names[kind] as string).quantile(q) / SERVICE,
  };
}
