/** A work queue whose consumers write to a store: what becomes of work that takes long, and of work that can never be done. */
import {
  always,
  crash,
  eventually,
  messageOrder,
  messageQueueDelivery,
  ms,
  pause,
  s,
  sometimes,
  uniform,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  effectStore,
  queueConsumer,
  queueProducer,
  workQueue,
  type ConsumerOptions,
  type ConsumerState,
  type EffectStoreProtocol,
  type EffectStoreState,
  type ProducerOptions,
  type ProducerState,
  type QueueProtocol,
  type QueueState,
  type WorkQueueOptions,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

type Nothing = Record<never, never>;

export interface WorkGroup {
  readonly broker: NodeRef<QueueProtocol>;
  readonly store: NodeRef<EffectStoreProtocol>;
  readonly consumers: readonly NodeRef[];
}

export interface WorkGroupOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  readonly queue: WorkQueueOptions;
  readonly producer?: Partial<ProducerOptions>;
  readonly consumer: Partial<ConsumerOptions>;
}

/** Places `broker`, `store`, producers p1 and p2, consumers w1, w2, w3; producers stop four seconds before the end. */
export function workGroup({ world, duration, queue, producer = {}, consumer }: WorkGroupOptions): WorkGroup {
  const broker: NodeRef<QueueProtocol> = world.node('broker', { actor: workQueue(queue) });
  const store: NodeRef<EffectStoreProtocol> = world.node('store', { actor: effectStore() });
  const publishing = queueProducer({
    broker,
    every: uniform(ms(40), ms(120)),
    until: duration - s(4),
    ...producer,
  });
  for (const ref of world.refs<Nothing>('p', 2)) world.node<ProducerState, Nothing>(ref, { actor: publishing });
  const working = queueConsumer({ broker, store, parallel: 2, ...consumer });
  const consumers = world.refs<Nothing>('w', 3);
  for (const ref of consumers) world.node<ConsumerState, Nothing>(ref, { actor: working });
  return { broker, store, consumers };
}

/** Messages of eight groups, of which some can never be dealt with. */
export const GROUPED = {
  queue: { visibilityTimeout: ms(300) },
  producer: { groups: ['g1', 'g2', 'g3', 'g4', 'g5', 'g6', 'g7', 'g8'] },
  consumer: { work: uniform(ms(5), ms(25)), poison: 0.03, idempotent: true },
} as const;

/** A consumer stands still over its messages, and another one crashes over them. */
export function workGroupFaults({ consumers }: WorkGroup): Fault[] {
  const [w1, w2] = consumers;
  if (w1 === undefined || w2 === undefined) return [];
  return [pause({ node: w1, at: s(3), for: s(1) }), crash({ node: w2, at: s(4), for: s(1) })];
}

export const workGroupChecks = (group: WorkGroup): readonly Check[] => [
  delivered(group, 'open'),
  ...effectChecks(group),
];

const delivered = ({ broker }: WorkGroup, late: 'open' | 'allowed'): Check =>
  messageQueueDelivery({
    late,
    contents(view) {
      const state = view.state<QueueState>(broker);
      if (state === undefined) return undefined;
      return {
        queued: [...state.ready.map(({ id }) => id), ...Object.keys(state.inFlight)],
        dead: state.dead.map(({ id }) => id),
      };
    },
  });

const effectChecks = ({ store }: WorkGroup): readonly Check[] => [
  always(
    'no effect happens twice',
    (view) => {
      const again = view.state<EffectStoreState>(store)?.again ?? [];
      return again.length === 0 || `${again[0]} has had its effect a second time`;
    },
    { roles: ['store'] },
  ),
  sometimes(
    'a message is processed',
    (view) => view.operations.some(({ f, outcome }) => f === 'process' && outcome === 'ok'),
    {
      roles: ['consumer'],
    },
  ),
];

/** Of groups of messages: each group goes on, and in order. */
export const orderedGroupChecks = (group: WorkGroup): readonly Check[] => [
  delivered(group, 'allowed'),
  ...effectChecks(group),
  messageOrder({
    lane: ({ client, key }) => `${client} ${key}`,
    setAside: (view) => view.state<QueueState>(group.broker)?.dead.map(({ id }) => id) ?? [],
    name: 'a group keeps the order',
  }),
  eventually(
    'the queue empties',
    // What is in flight does not count: a consumer that crashes again and again always has something.
    (view) => view.state<QueueState>(group.broker)?.ready.length === 0,
    { within: s(7), roles: ['broker'] },
  ),
];

const limits: NemesisLimits = {
  roles: {
    broker: COMES_BACK,
    store: COMES_BACK,
    consumer: COMES_BACK,
    // Producers stop by their own clocks.
    producer: COMES_BACK.filter((family) => family !== 'clock'),
  },
  quietAfter: s(8),
};

export const workGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
