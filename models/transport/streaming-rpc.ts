/**
 * Remote calls over a stream, as gRPC has them: each call is a sequence of messages each way. What differs is how many:
 * - unary: one there, one back;
 * - server streaming: one there, any number back;
 * - client streaming: any number there, one back;
 * - bidirectional: any number each way, in whatever turn the two like.
 *
 * The caller says when it has nothing more to send (`finish`); the call is over when the other side says how it went (`end`). Promises, for
 * each call: messages arrive in order, without a gap or a duplicate, and before the end; every call that was opened ends exactly
 * once, with `ok` only if all that was sent back has arrived; when the connection is reset all its calls end with `unavailable`, and
 * whether they took effect is not known.
 *
 * All calls to one peer share one connection: a segment that is lost holds all of them up (head-of-line blocking), as in HTTP/2.
 */
import type { Context } from '../../sim/index.ts';
import { StreamHost, type HasStreams } from './stream-host.ts';
import type { Segment, StreamOptions, StreamRef } from './stream-state.ts';

/** What goes over the stream. */
interface Frame {
  readonly call: number;
  readonly kind: 'open' | 'message' | 'finish' | 'end';
  /** Of `open`. */
  readonly method?: string;
  /** Of `message`. */
  readonly value?: unknown;
  /** Of `end`. */
  readonly status?: string;
}

/** A call that is not over, at either end. */
interface OpenCall {
  /** Of the connection. */
  readonly key: string;
  readonly number: number;
  readonly method: string;
}

export interface HasCalls extends HasStreams {
  /** Open calls by name. */
  calls: Map<string, OpenCall>;
  /** The connection to each peer that this node has opened. */
  channels: Map<string, string>;
  /** Calls that this node has begun. */
  begun: number;
}

export const noCalls = (): HasCalls => ({ streams: new Map(), calls: new Map(), channels: new Map(), begun: 0 });

/** What a call has to tell. */
export interface RpcEvent {
  /** `open`: somebody calls; `finish`: the caller has no more to send; `end`: the call is over. */
  readonly kind: 'open' | 'message' | 'finish' | 'end';
  /** The call, as the other methods want it. */
  readonly call: string;
  readonly method: string;
  readonly value?: unknown;
  /** Of `end`: `ok`, what the other side said, or `unavailable`. */
  readonly status?: string;
}

/** The calls of one node. Holds options only. The actor needs the timer STREAM_TIMER, and hands it what it receives. */
export class RpcHost<S extends HasCalls> {
  private readonly streams: StreamHost<S>;

  /** Throws ConfigError. */
  constructor(options?: StreamOptions) {
    this.streams = new StreamHost(options);
  }

  /** Opens a call, and a connection if there is none. Returns its name. */
  open(state: S, to: StreamRef, method: string, ctx: Context<S>): string {
    let key = state.channels.get(to.id);
    if (key === undefined || !state.streams.has(key)) {
      key = this.streams.connect(state, to, ctx);
      state.channels.set(to.id, key);
    }
    const number = ++state.begun;
    const call = `${key}#${number}`;
    state.calls.set(call, { key, number, method });
    this.streams.write(state, key, { call: number, kind: 'open', method } satisfies Frame, ctx);
    return call;
  }

  /** Sends one message of the call. False when the call is over. */
  send(state: S, call: string, value: unknown, ctx: Context<S>): boolean {
    return this.write(state, call, { kind: 'message', value }, ctx);
  }

  /** The caller has nothing more to send. */
  finish(state: S, call: string, ctx: Context<S>): boolean {
    return this.write(state, call, { kind: 'finish' }, ctx);
  }

  /** Who was called says how it went; the call is over for it. */
  end(state: S, call: string, status: string, ctx: Context<S>): boolean {
    const wasOpen = this.write(state, call, { kind: 'end', status }, ctx);
    state.calls.delete(call);
    return wasOpen;
  }

  received(state: S, from: StreamRef, segment: Segment, ctx: Context<S>): RpcEvent[] {
    return this.heed(state, this.streams.received(state, from, segment, ctx));
  }

  due(state: S, ctx: Context<S>): RpcEvent[] {
    return this.heed(state, this.streams.due(state, ctx));
  }

  private write(state: S, call: string, frame: Omit<Frame, 'call'>, ctx: Context<S>): boolean {
    const open = state.calls.get(call);
    return open !== undefined && this.streams.write(state, open.key, { call: open.number, ...frame }, ctx);
  }

  private heed(state: S, events: ReturnType<StreamHost<S>['due']>): RpcEvent[] {
    return events.flatMap(({ kind, key, payload }) => {
      if (kind === 'reset') return this.cutOff(state, key);
      return kind === 'message' ? this.frame(state, key, payload as Frame) : [];
    });
  }

  private frame(state: S, key: string, { call: number, kind, method = '', value, status }: Frame): RpcEvent[] {
    const call = `${key}#${number}`;
    if (kind === 'open') state.calls.set(call, { key, number, method });
    const open = state.calls.get(call);
    // What comes for a call that is over is of no interest to anybody.
    if (open === undefined) return [];
    if (kind === 'end') state.calls.delete(call);
    const event = { kind, call, method: open.method };
    if (kind === 'message') return [{ ...event, value }];
    return kind === 'end' && status !== undefined ? [{ ...event, status }] : [event];
  }

  private cutOff(state: S, key: string): RpcEvent[] {
    const ended: RpcEvent[] = [];
    for (const [call, open] of Array.from(state.calls)) {
      if (open.key !== key) continue;
      state.calls.delete(call);
      ended.push({ kind: 'end', call, method: open.method, status: 'unavailable' });
    }
    return ended;
  }
}
