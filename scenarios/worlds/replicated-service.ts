/**
 * Five replicas that can each do what any other can, and a proxy that asks them in turn. One of them becomes slow: not dead, so that no health
 * check minds. What differs between the scenarios is what the proxy does when an answer takes long.
 */
import { answeredInTime, exponential, ms, s, sometimes } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, RunView, WorldBuilder } from '../../sim/index.ts';
import { client, openLoop, serverNode, sidecar } from '../../models/index.ts';
import type { Policy, ServiceProtocol } from '../../models/index.ts';

export interface ReplicatedService {
  readonly proxy: NodeRef<ServiceProtocol>;
  readonly replicas: readonly NodeRef<ServiceProtocol>[];
}

export interface ReplicatedServiceOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Requests a second. */
  readonly rate: number;
  /** Around each request. */
  readonly policies: readonly Policy[];
}

const REPLICAS = 5;
const CLIENTS = 3;

export function replicatedService({ world, duration, rate, policies }: ReplicatedServiceOptions): ReplicatedService {
  const replicas = world.refs<ServiceProtocol>('r', REPLICAS);
  const service = exponential({ mean: ms(5) });
  const node = serverNode({ role: 'replica', servers: 4, service, cancellable: true });
  for (const ref of replicas) world.node(ref, node);
  const actor = sidecar<ServiceProtocol>({ targets: replicas, policies, role: 'proxy', deadline: s(1), cancels: true });
  const proxy = world.node('proxy', { actor });
  const asks = client<ServiceProtocol>({
    target: proxy,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
    operation: () => ({ message: 'request', payload: {} }),
    deadline: s(1),
  });
  for (const ref of world.refs<Record<never, never>>('c', CLIENTS)) world.node(ref, { actor: asks });
  return { proxy, replicas };
}

export const ANSWERS_ARE_QUICK = '99 % of the answers are quick';

const works = (view: RunView, replicas: readonly NodeRef[]): boolean =>
  replicas.every(({ id }) => view.metrics.counter(id, 'served').value > 0);

export const replicatedServiceChecks = ({ replicas }: ReplicatedService): readonly Check[] => [
  answeredInTime({ name: ANSWERS_ARE_QUICK, share: 0.99, within: ms(100) }),
  sometimes('every replica has answered', (view) => works(view, replicas), { roles: ['replica'] }),
];

/** What the design claims: one replica at a time may be slow, stopped, or gone for a while; all else is as essential as it ever was. */
const limits: NemesisLimits = {
  roles: { client: [], proxy: [] },
  maxFaults: 1,
  families: ['slow', 'pause', 'crash', 'clock'],
};

export const replicatedServiceNemesis = { profiles: ['crashes', 'clocks', 'mixed'], limits };
