/** A work queue with producers and consumers; only what the broker does before it answers differs between the scenarios. */
import {
  constant,
  crash,
  messageQueueDelivery,
  ms,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  queueConsumer,
  queueProducer,
  workQueue,
  type ConsumerState,
  type ProducerState,
  type QueueProtocol,
  type QueueState,
  type WorkQueueOptions,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface QueueGroup {
  readonly broker: NodeRef<QueueProtocol>;
  readonly producers: readonly NodeRef[];
  readonly consumers: readonly NodeRef[];
}

export interface QueueGroupOptions {
  readonly world: WorldBuilder;
  readonly fsync: NonNullable<WorkQueueOptions['fsync']>;
  readonly producers: number;
  readonly consumers: number;
  readonly duration: Micros;
}

/** Places `broker`, producers p1, p2, … and consumers w1, w2, …; producers stop four seconds before the end. */
export function queueGroup({
  world,
  fsync,
  producers: publishing,
  consumers: working,
  duration,
}: QueueGroupOptions): QueueGroup {
  // The machine loses power: of what was not synced, nothing is kept.
  const broker = world.node('broker', { actor: workQueue({ fsync }), disk: { crashKeeps: 'nothing' } });
  const producer = queueProducer({ broker, until: duration - s(4) });
  const consumer = queueConsumer({ broker, idempotent: true, work: constant(ms(12)) });
  const producers = world.refs<Record<never, never>>('p', publishing);
  for (const ref of producers) world.node<ProducerState, Record<never, never>>(ref, { actor: producer });
  const consumers = world.refs<Record<never, never>>('w', working);
  for (const ref of consumers) world.node<ConsumerState, Record<never, never>>(ref, { actor: consumer });
  return { broker, producers, consumers };
}

/** A consumer is lost, messages pile up, and then the broker crashes. */
export function queueGroupFaults({ broker, consumers }: QueueGroup): Fault[] {
  const [w1] = consumers;
  if (w1 === undefined) return [];
  return [crash({ node: w1, at: s(4), for: s(3) }), crash({ node: broker, at: s(5), for: ms(500) })];
}

export const queueGroupChecks = ({ broker }: QueueGroup): readonly Check[] => [
  messageQueueDelivery({
    contents(view) {
      const state = view.state<QueueState>(broker);
      if (state === undefined) return undefined;
      return {
        queued: [...state.ready.map(({ id }) => id), ...Object.keys(state.inFlight)],
        dead: state.dead.map(({ id }) => id),
      };
    },
  }),
  sometimes('messages pile up', (view) => (view.state<QueueState>(broker)?.ready.length ?? 0) >= 10, {
    roles: ['broker'],
  }),
  sometimes(
    'a message is processed',
    (view) => view.operations.some((op) => op.f === 'process' && op.outcome === 'ok'),
    { roles: ['consumer'] },
  ),
];

const limits: NemesisLimits = {
  roles: {
    // All messages are on the one disk of the one broker: nothing is claimed for one that lies, or is gone for good.
    broker: COMES_BACK,
    consumer: COMES_BACK,
    // Producers stop by their own clocks. One whose clock stands still publishes to the end, when messages are always on their way.
    producer: COMES_BACK.filter((family) => family !== 'clock'),
  },
  // Consumers that were away from the first fault on need that long: they work off what piles up 40 % faster than it comes, and what
  // was handed out over a broken link is only handed out again when its visibility timeout is over.
  quietAfter: s(7),
};

export const queueGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
