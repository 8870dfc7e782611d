/** A sender that always has something to send, and a receiver that counts: for measuring a stream. */
import { constant, defineActor, World, type Actor, type NodeRef } from '../../../sim/index.ts';
import {
  StreamHost,
  type HasStreams,
  type StreamEvent,
  type StreamOptions,
  type StreamProtocol,
  type StreamState,
} from '../../../models/index.ts';
import { drive } from '../../support/bare-world.ts';

export interface BulkState extends HasStreams {
  key: string;
  /** Written so far; the messages are 0, 1, 2, … */
  written: number;
  received: number[];
  count: number;
  events: string[];
}

export interface BulkOptions {
  /** Messages in all. Default: without end. */
  readonly messages?: number;
  /** Keep what is received. Default: only count. */
  readonly keeps?: boolean;
  readonly stream?: StreamOptions;
}

/** Sends to `to`, if given; receives in any case. */
export function bulk(
  to: NodeRef<StreamProtocol> | undefined,
  options: BulkOptions = {},
): Actor<BulkState, StreamProtocol> {
  const { messages = Infinity, keeps = false } = options;
  const host = new StreamHost<BulkState>(options.stream);
  const take = (state: BulkState, events: readonly StreamEvent[]): void => {
    for (const { kind, payload } of events) {
      if (kind !== 'message') state.events.push(kind);
      else {
        state.count++;
        if (keeps) state.received.push(payload as number);
      }
    }
  };
  return defineActor<BulkState, StreamProtocol>({
    role: 'bulk',
    init: () => ({ streams: new Map(), key: '', written: 0, received: [], count: 0, events: [] }),
    start(state, ctx) {
      if (to === undefined) return;
      state.key = host.connect(state, to, ctx);
      ctx.setTimer('fill', 1);
    },
    on: {
      segment: (state, { from, segment }, ctx) => take(state, host.received(state, from, segment, ctx)),
    },
    timers: {
      fill(state, ctx) {
        ctx.setTimer('fill', 20_000);
        const waiting = (): number => state.streams.get(state.key)?.buffer.length ?? Infinity;
        while (state.written < messages && waiting() < 600)
          if (host.write(state, state.key, state.written, ctx)) state.written++;
      },
      stream: (state, ctx) => take(state, host.due(state, ctx)),
    },
  });
}

export interface Pair {
  readonly world: World;
  readonly a: () => BulkState;
  readonly b: () => BulkState;
  readonly stream: () => StreamState | undefined;
}

/** `a` sends to `b`, over `roundTrip` there and back; `loss` is of what a sends. */
export function pair(seed: string, roundTrip: number, loss: number, options: BulkOptions = {}): Pair {
  const world = new World({ seed });
  const [from, to] = [world.ref<StreamProtocol>('a'), world.ref<StreamProtocol>('b')];
  world.links({ latency: constant(Math.floor(roundTrip / 2)), pairs: [{ from, to, loss }] });
  world.node(from, { actor: bulk(to, options) });
  world.node(to, { actor: bulk(undefined, options) });
  const state = (name: string): BulkState => world.named(name).state as BulkState;
  return { world, a: () => state('a'), b: () => state('b'), stream: () => [...state('a').streams.values()][0] };
}

/** Messages a second, after 300 round trips of settling. */
export function throughput(
  seed: string,
  roundTrip: number,
  loss: number,
  seconds: number,
  stream: StreamOptions,
): number {
  const { world, b } = pair(seed, roundTrip, loss, { stream: { window: 100_000, ...stream } });
  const settling = (300 * roundTrip) / 1e6;
  drive(world, settling * 1e6);
  const before = b().count;
  drive(world, (settling + seconds) * 1e6);
  return (b().count - before) / seconds;
}
