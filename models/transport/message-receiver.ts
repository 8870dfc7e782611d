/**
 * An application that receives numbered messages, from streams or as datagrams, and takes them for what a stream promises: the next one
 * is the next number. What is not so is counted. Each is recorded as an operation `process`.
 */
import { defineActor, type Actor, type Context } from '../../sim/index.ts';
import { messageName, type MessageProtocol, type NumberedMessage } from './message-protocol.ts';
import { StreamHost, type HasStreams } from './stream-host.ts';
import type { StreamOptions } from './stream-state.ts';

export interface MessageReceiverState extends HasStreams {
  /** The latest number of each session. */
  latest: Map<string, number>;
  received: number;
  /** Messages before which others are missing. */
  gaps: number;
  /** Messages with a number that is not above the latest: doubled, or overtaken. */
  stale: number;
}

type ReceiverContext = Context<MessageReceiverState>;

interface MessageReceiverOptions {
  readonly stream?: StreamOptions;
}

/** Counters: received, gaps, stale. Throws ConfigError. */
export function messageReceiver(options: MessageReceiverOptions = {}): Actor<MessageReceiverState, MessageProtocol> {
  const host = new StreamHost<MessageReceiverState>(options.stream);
  const take = (state: MessageReceiverState, from: string, message: NumberedMessage, ctx: ReceiverContext): void => {
    const operation = ctx.invoked({ f: 'process', key: ctx.self.id, input: messageName(from, message) });
    ctx.completed(operation, 'ok');
    const session = `${from}/${message.session}`;
    const latest = state.latest.get(session) ?? 0;
    state.received++;
    ctx.count('received');
    if (message.number > latest + 1) {
      state.gaps++;
      ctx.count('gaps');
    } else if (message.number <= latest) {
      state.stale++;
      ctx.count('stale');
    }
    state.latest.set(session, Math.max(latest, message.number));
  };
  return defineActor<MessageReceiverState, MessageProtocol>({
    role: 'receiver',
    init: () => ({ streams: new Map(), latest: new Map(), received: 0, gaps: 0, stale: 0 }),
    on: {
      segment(state, { from, segment }, ctx) {
        for (const { kind, payload } of host.received(state, from, segment, ctx))
          if (kind === 'message') take(state, from.id, payload as NumberedMessage, ctx);
      },
      datagram: (state, { from, session, number }, ctx) => take(state, from.id, { session, number }, ctx),
    },
    timers: {
      stream: (state, ctx) => void host.due(state, ctx),
    },
  });
}
