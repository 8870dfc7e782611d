/** Two applications that send numbered messages to a third; what differs is the transport. */
import {
  crash,
  duplicate,
  eventually,
  always,
  loss,
  messageOrder,
  ms,
  reorder,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type Operation,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  messageReceiver,
  messageSender,
  type MessageProtocol,
  type MessageReceiverState,
  type MessageRef,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK, OVER_CONNECTIONS } from './claims.ts';

export interface MessagePipe {
  readonly receiver: MessageRef;
  readonly senders: readonly MessageRef[];
}

export interface MessagePipeOptions {
  readonly world: WorldBuilder;
  readonly transport: 'stream' | 'datagram';
  readonly duration: Micros;
}

/** Places `r` and the senders s1 and s2. */
export function messagePipe({ world, transport, duration }: MessagePipeOptions): MessagePipe {
  const stream = { initialTimeout: ms(300), minTimeout: ms(50), maxTimeout: s(1), retries: 6, window: 64 };
  const receiver: MessageRef = world.node('r', { actor: messageReceiver({ stream }) });
  const senders = world.refs<MessageProtocol>('s', 2);
  const actor = messageSender({ to: receiver, transport, every: ms(20), backlog: 200, until: duration, stream });
  for (const sender of senders) world.node(sender, { actor });
  return { receiver, senders };
}

/** For a while messages are lost, doubled and turned around; later the receiver crashes and comes back. */
export function messagePipeFaults({ receiver, senders }: MessagePipe, faultFor: Micros): Fault[] {
  const at = { at: s(2), for: faultFor, from: '*', to: '*' } as const;
  return [
    loss({ ...at, probability: 0.1 }),
    duplicate({ ...at, probability: 0.1 }),
    reorder({ ...at, from: [...senders], to: [receiver], probability: 0.2, window: ms(60) }),
    crash({ node: receiver, at: s(7), for: ms(500) }),
  ];
}

/** `s1/1234/7`: of one session messages keep their order. */
const sessionOf = ({ input }: Operation): string => String(input).replace(/\/\d+$/, '');

export function messagePipeChecks({ receiver }: MessagePipe): readonly Check[] {
  const roles = ['receiver'];
  const state = (view: RunView): MessageReceiverState | undefined => view.state<MessageReceiverState>(receiver);
  return [
    always(
      'messages come in order, without gap or duplicate',
      (view) => {
        const { gaps = 0, stale = 0 } = state(view) ?? {};
        return gaps + stale === 0 || `${gaps} gaps, ${stale} messages that are doubled or came late`;
      },
      { roles },
    ),
    messageOrder({ lane: sessionOf, name: 'messages of one session are processed in order' }),
    eventually('messages arrive again', isFresh, { roles, within: s(4) }),
    sometimes('a hundred messages are received', (view) => (state(view)?.received ?? 0) >= 100, { roles }),
  ];
}

/** A message has been processed after the faults. */
const isFresh = (view: RunView): boolean => {
  const last = view.operations.findLast(({ f }) => f === 'process');
  return last !== undefined && last.invokedAt > (view.healedAt ?? 0);
};

const limits: NemesisLimits = {
  families: OVER_CONNECTIONS,
  roles: { receiver: COMES_BACK, sender: COMES_BACK },
  quietAfter: s(5),
};

/** A narrow link is left out: what has been queued for it arrives long after the end. */
export const messagePipeNemesis = { profiles: ALL_THAT_HEALS, limits };
