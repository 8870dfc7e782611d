/**
 * An application that sends numbered messages, over a stream or as datagrams. Each is recorded as an operation `publish`, which ends
 * when the message has been handed over: neither transport says when it has arrived.
 *
 * When its connection is reset it opens another and numbers from 1 again: what was under way may have arrived or not, and it is for
 * the application to find out (as by asking, or by sending again what the receiver can recognise). Datagrams have one number after the
 * other and nobody to say that the receiver is gone.
 */
import { ConfigError, defineActor, parseDuration, type Actor, type Context, type Duration } from '../../sim/index.ts';
import { messageName, type MessageProtocol, type MessageRef } from './message-protocol.ts';
import { StreamHost, type HasStreams, type StreamEvent } from './stream-host.ts';
import type { StreamOptions } from './stream-state.ts';

export interface MessageSenderOptions {
  readonly to: MessageRef;
  readonly transport: 'stream' | 'datagram';
  /** Between two messages, above 0. Default 10 ms. */
  readonly every?: Duration;
  /** Messages at a time, at least 1. Default 1. */
  readonly burst?: number;
  /** Messages that may wait in the stream; when there are more it waits, too. At least 1. Default 1000. */
  readonly backlog?: number;
  /** No messages from then on. Default: never. */
  readonly until?: Duration;
  readonly stream?: StreamOptions;
}

export interface MessageSenderState extends HasStreams {
  /** Of the connection in use; '' for none. */
  key: string;
  session: number;
  /** The number of the latest message in the session. */
  number: number;
  resets: number;
}

type SenderContext = Context<MessageSenderState>;

/** Counters: messages, resets, blocked. Throws ConfigError. */
export function messageSender(options: MessageSenderOptions): Actor<MessageSenderState, MessageProtocol> {
  const { to, transport, burst = 1, backlog = 1000 } = options;
  const every = parseDuration(options.every ?? '10ms', 'messageSender.every');
  if (every < 1) throw new ConfigError('messageSender.every', options.every, 'a duration above 0');
  for (const [field, value] of Object.entries({ burst, backlog }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigError(`messageSender.${field}`, value, 'a whole number of at least 1');
  if (transport !== 'stream' && transport !== 'datagram')
    throw new ConfigError('messageSender.transport', transport, '"stream" or "datagram"');
  const until = options.until === undefined ? Infinity : parseDuration(options.until, 'messageSender.until');
  const host = new StreamHost<MessageSenderState>(options.stream);

  const send = (state: MessageSenderState, ctx: SenderContext): void => {
    if (transport === 'stream' && (state.streams.get(state.key)?.buffer.length ?? 0) >= backlog) {
      ctx.count('blocked');
      return;
    }
    state.number++;
    const message = { session: state.session, number: state.number };
    const operation = ctx.invoked({ f: 'publish', key: to.id, input: messageName(ctx.self.id, message) });
    if (transport === 'stream') host.write(state, state.key, message, ctx);
    else ctx.send(to, 'datagram', { ...message, from: ctx.self as MessageRef }, { sizeBytes: 1500 });
    ctx.completed(operation, 'ok');
    ctx.count('messages');
  };
  const reopen = (state: MessageSenderState, ctx: SenderContext): void => {
    state.key = host.connect(state, to, ctx);
    state.session = state.streams.get(state.key)?.connection ?? 0;
    state.number = 0;
  };
  const heed = (state: MessageSenderState, events: readonly StreamEvent[], ctx: SenderContext): void => {
    for (const { kind, key } of events) {
      if (kind !== 'reset' || key !== state.key) continue;
      state.key = '';
      state.resets++;
      ctx.count('resets');
    }
  };
  return defineActor<MessageSenderState, MessageProtocol>({
    role: 'sender',
    init: (ctx) => ({ streams: new Map(), key: '', session: ctx.random.uint32(), number: 0, resets: 0 }),
    start(_state, ctx) {
      ctx.setTimer('send', every);
    },
    on: {
      segment: (state, { from, segment }, ctx) => heed(state, host.received(state, from, segment, ctx), ctx),
      datagram: () => undefined,
    },
    timers: {
      send(state, ctx) {
        if (ctx.clock.monotonic >= until) return;
        ctx.setTimer('send', every);
        if (transport === 'stream' && state.key === '') reopen(state, ctx);
        for (let i = 0; i < burst; i++) send(state, ctx);
      },
      stream: (state, ctx) => heed(state, host.due(state, ctx), ctx),
    },
    phase: ({ key, streams }) => streams.get(key)?.phase ?? 'unconnected',
  });
}
