/**
 * A service whose load steps up to two and a half times what it was at ten seconds, and down again at twenty, on a pool that scales with it.
 * What differs between the scenarios is how soon the pool looks, and how full it keeps its replicas until then.
 */
import { answeredInTime, exponential, immediateRetry, ms, s, sometimes } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, WorldBuilder } from '../../sim/index.ts';
import { autoscaledPool, client, openLoop, serverNode } from '../../models/index.ts';
import type { AutoscaledPoolOptions, AutoscaledPoolState, ServiceProtocol } from '../../models/index.ts';

export interface ScaledService {
  readonly pool: NodeRef<ServiceProtocol>;
  readonly min: number;
}

export interface ScaledServiceOptions extends Pick<
  AutoscaledPoolOptions<ServiceProtocol>,
  'target' | 'every' | 'startUp'
> {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Requests a second before the step; a replica can do 100. */
  readonly rate: number;
  readonly min: number;
}

const REPLICAS = 8;
const BASE = 2;
const STEP = 3;

export function scaledService({ world, duration, rate, min, ...scaling }: ScaledServiceOptions): ScaledService {
  const replicas = world.refs<ServiceProtocol>('r', REPLICAS);
  const node = serverNode({ role: 'replica', servers: 2, service: exponential({ mean: ms(20) }) });
  for (const ref of replicas) world.node(ref, node);
  const pool = world.node('pool', {
    actor: autoscaledPool<ServiceProtocol>({ replicas, min, deadline: ms(250), ...scaling }),
  });
  const clients = world.refs<Record<never, never>>('c', BASE + STEP);
  for (const [i, ref] of clients.entries()) {
    const span = i < BASE ? { until: duration - s(1) } : { from: s(10), until: s(20) };
    const actor = client<ServiceProtocol>({
      target: pool,
      workload: openLoop({ rate: rate / BASE, ...span }),
      operation: () => ({ message: 'request', payload: {} }),
      deadline: ms(300),
      retry: immediateRetry({ attempts: 2 }),
    });
    world.node(ref, { actor });
  }
  return { pool, min };
}

export const KEPT_THROUGH_THE_STEP = 'the objective is kept through the step';

export const scaledServiceChecks = ({ pool, min }: ScaledService): readonly Check[] => [
  answeredInTime({ name: KEPT_THROUGH_THE_STEP, share: 0.95, within: ms(500) }),
  sometimes('the pool has grown', (view) => (view.state<AutoscaledPoolState>(pool)?.wanted ?? 0) > min, {
    roles: ['pool'],
  }),
];

/** What the design claims: the step, and one replica at a time that crashes, stops, or is slow. */
const limits: NemesisLimits = {
  roles: { client: [], pool: [] },
  families: ['crash', 'pause', 'slow'],
  maxFaults: 1,
  maxConcurrentDown: 1,
};

export const scaledServiceNemesis = { profiles: ['crashes', 'mixed'], limits };
