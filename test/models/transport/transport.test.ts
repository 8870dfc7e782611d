import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, constant, ms, s, World, type Actor, type Context, type NodeRef } from '../../../sim/index.ts';
import { crash, restart } from '../../../sim/world/lifecycle.ts';
import {
  messageReceiver,
  messageSender,
  noCalls,
  RpcHost,
  StreamHost,
  type HasCalls,
  type RpcEvent,
  type MessageProtocol,
  type StreamOptions,
} from '../../../models/index.ts';
import type { MessageReceiverState, MessageSenderOptions, StreamProtocol } from '../../../models/index.ts';
import { drive } from '../../support/bare-world.ts';
import { bulk, pair, type BulkState } from './bulk.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('a stream', () => {
  test('delivers everything in order and once, whatever is lost, doubled and turned around', () => {
    const share = fc.double({ min: 0, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), share, share, share, fc.integer({ min: 1, max: 80 }), fc.constantFrom(1, 2), (...drawn) => {
        const [seed, loss, duplicate, reorder, messages, ackEvery] = drawn;
        const world = new World({ seed: `${seed}` });
        world.links({ latency: constant(ms(5)), loss, duplicate, reorder, reorderWindow: ms(50) });
        const options = {
          messages,
          keeps: true,
          stream: { ackEvery: ackEvery as 1 | 2, retries: 100, maxTimeout: '1s' },
        };
        const to = world.ref<StreamProtocol>('b');
        world.node('a', { actor: bulk(to, options) });
        world.node(to, { actor: bulk(undefined, options) });
        drive(world, s(600));
        expect((world.named('b').state as BulkState).received).toEqual(upTo(messages));
        expect([...(world.named('a').state as BulkState).streams.values()].map(({ buffer }) => buffer.length)).toEqual([
          0,
        ]);
      }),
      { numRuns: 25 },
    );
  });

  test('opens with three messages, in one round trip and a half', () => {
    const { world, a, b } = pair('open', ms(100), 0, { messages: 1 });
    drive(world, ms(49));
    expect(b().streams.size).toBe(0);
    drive(world, ms(51));
    expect([...b().streams.values()].map(({ phase }) => phase)).toEqual(['syn-received']);
    drive(world, ms(101));
    expect(a().events).toEqual(['opened']);
    drive(world, ms(151));
    expect([b().events, b().count]).toEqual([['opened'], 1]);
  });

  test('doubles its window every round trip at first', () => {
    const { world, stream } = pair('slow start', ms(100), 0, { stream: { initialWindow: 1 } });
    const windows: number[] = [];
    for (let round = 1; round <= 6; round++) {
      drive(world, ms(100 * round) + ms(50));
      windows.push(stream()?.congestionWindow ?? 0);
    }
    expect(windows).toEqual([1, 2, 4, 8, 16, 32]);
  });

  test('[RFC 6298] doubles its timeout while nothing is acknowledged, and gives up after its retries', () => {
    const { world, a, stream } = pair('backoff', ms(100), 1, { stream: { initialTimeout: '1s', retries: 3 } });
    const timeouts: number[] = [];
    for (const at of [0.5, 1.5, 3.5, 7.5]) {
      drive(world, s(at));
      timeouts.push((stream()?.timeout ?? 0) / 1e6);
    }
    expect(timeouts).toEqual([1, 2, 4, 8]);
    drive(world, s(16));
    expect([a().events, a().streams.size]).toEqual([['reset'], 0]);
  });

  test('[RFC 6298] takes the first round trip and twice it as its timeout, which comes down to the round trip', () => {
    const { world, stream } = pair('rtt', ms(300), 0, { stream: { minTimeout: '1ms' } });
    drive(world, ms(610));
    expect([stream()?.smoothedRoundTrip, stream()?.timeout]).toEqual([ms(300), ms(900)]);
    drive(world, s(60));
    expect(stream()?.timeout).toBeLessThan(ms(310));
  });

  test('a lost message holds up those behind it, and comes again at the third duplicate acknowledgement, before any timeout', () => {
    const stream = { initialTimeout: '9s', minTimeout: '9s', initialWindow: 20 } as const;
    let holes = 0;
    for (let k = 0; holes < 5; k++) {
      const { world, b, stream: sending } = pair(`hole ${k}`, ms(100), 0.04, { messages: 20, keeps: true, stream });
      drive(world, ms(160));
      const early = [...b().streams.values()][0]?.early.size ?? 0;
      // One of those that were sent together is missing, and at least three behind it have come.
      if (early < 3 || b().count + early !== 19) continue;
      holes++;
      drive(world, ms(210));
      expect([b().count + early, sending()?.lossEnd]).toEqual([19, (sending()?.unacknowledged ?? 0) + 20 - b().count]);
      drive(world, ms(310));
      // The second attempt may be lost, too, and has to wait for the timeout then.
      if (b().count !== 20) expect(b().count + early).toBe(19);
      else expect(b().received).toEqual(upTo(20));
    }
  });

  test('who has restarted answers with a reset, and the next connection begins anew', () => {
    const world = new World({ seed: 'reset' });
    world.links({ latency: constant(ms(5)) });
    const receiver = world.ref<MessageProtocol>('r');
    world.node(receiver, { actor: messageReceiver() });
    world.node('s', { actor: messageSender({ to: receiver, transport: 'stream' }) });
    drive(world, s(2));
    crash(world, world.named('r'));
    drive(world, s(2.1));
    restart(world, world.named('r'));
    drive(world, s(5));
    const { received, gaps, stale, latest } = world.named('r').state as MessageReceiverState;
    expect([gaps, stale, latest.size, world.metrics.counter('s', 'resets').value]).toEqual([0, 0, 1, 1]);
    expect(received).toBeGreaterThan(200);
  });

  test.each<[StreamOptions, RegExp]>([
    [{ minTimeout: 0 }, /stream\.minTimeout/],
    [{ maxTimeout: '1ms' }, /stream\.maxTimeout/],
    [{ initialTimeout: 0 }, /stream\.initialTimeout/],
    [{ retries: 0 }, /stream\.retries/],
    [{ window: 0.5 }, /stream\.window/],
    [{ initialWindow: 0 }, /stream\.initialWindow/],
    [{ ackEvery: 3 as never }, /stream\.ackEvery/],
  ])('bad options are refused by name: %j', (options, field) => {
    expect(() => new StreamHost(options)).toThrow(ConfigError);
    expect(() => new StreamHost(options)).toThrow(field);
  });
});

describe('numbered messages', () => {
  test.each<[Partial<MessageSenderOptions>, RegExp]>([
    [{ every: 0 }, /messageSender\.every/],
    [{ burst: 0 }, /messageSender\.burst/],
    [{ backlog: 0 }, /messageSender\.backlog/],
    [{ transport: 'pigeon' as never }, /messageSender\.transport/],
  ])('bad options are refused by name: %j', (options, field) => {
    const to = new World({ seed: 'x' }).ref<MessageProtocol>('r');
    expect(() => messageSender({ to, transport: 'datagram', ...options })).toThrow(field);
  });

  test('as datagrams are lost, doubled and overtaken, and nobody is told', () => {
    const world = new World({ seed: 'datagrams' });
    world.links({ latency: constant(ms(5)), loss: 0.1, duplicate: 0.1, reorder: 0.1, reorderWindow: ms(50) });
    const receiver = world.ref<MessageProtocol>('r');
    world.node(receiver, { actor: messageReceiver() });
    world.node('s', { actor: messageSender({ to: receiver, transport: 'datagram' }) });
    drive(world, s(10));
    const { received, gaps, stale } = world.named('r').state as MessageReceiverState;
    expect(gaps).toBeGreaterThan(50);
    expect(stale).toBeGreaterThan(50);
    expect(Math.abs(received - 0.9 * 1.1 * 1000)).toBeLessThan(60);
  });
});

describe('streaming calls', () => {
  interface Caller extends HasCalls {
    /** For each call what came back, and how it ended. */
    results: Record<string, unknown[]>;
    names: string[];
  }
  interface Server extends HasCalls {
    sums: Record<string, number>;
  }

  /** `sum` answers once at the end, `count` counts up to what it is given, `running` answers every message with the sum so far. */
  const server = (): Actor<Server, StreamProtocol> => {
    const host = new RpcHost<Server>();
    const serve = (state: Server, events: readonly RpcEvent[], ctx: Context<Server>): void => {
      for (const { kind, call, method, value } of events) {
        if (kind === 'end') continue;
        const sum = (state.sums[call] = (state.sums[call] ?? 0) + (kind === 'message' ? (value as number) : 0));
        if (method === 'running' && kind === 'message') host.send(state, call, sum, ctx);
        if (kind !== 'finish') continue;
        if (method === 'sum') host.send(state, call, sum, ctx);
        if (method === 'count') for (let i = 1; i <= sum; i++) host.send(state, call, i, ctx);
        host.end(state, call, method === 'unknown' ? 'unimplemented' : 'ok', ctx);
      }
    };
    return {
      role: 'server',
      init: () => ({ ...noCalls(), sums: {} }),
      on: { segment: (state, { from, segment }, ctx) => serve(state, host.received(state, from, segment, ctx), ctx) },
      timers: { stream: (state, ctx) => serve(state, host.due(state, ctx), ctx) },
    };
  };

  const caller = (
    to: NodeRef<StreamProtocol>,
    calls: readonly (readonly [string, readonly number[]])[],
  ): Actor<Caller, StreamProtocol> => {
    const host = new RpcHost<Caller>({ retries: 5 });
    const note = (state: Caller, events: readonly RpcEvent[]): void => {
      for (const { call, kind, value, status } of events) state.results[call]?.push(kind === 'end' ? status : value);
    };
    return {
      role: 'caller',
      init: () => ({ ...noCalls(), results: {}, names: [] }),
      start(state, ctx) {
        state.names = calls.map(([method]) => host.open(state, to, method, ctx));
        for (const name of state.names) state.results[name] = [];
        // All calls at once, message by message.
        for (let i = 0; i < 20; i++)
          for (const [k, [, values]] of calls.entries()) {
            const value = values[i];
            if (value !== undefined) host.send(state, state.names[k] as string, value, ctx);
            if (i === values.length) host.finish(state, state.names[k] as string, ctx);
          }
      },
      on: { segment: (state, { from, segment }, ctx) => note(state, host.received(state, from, segment, ctx)) },
      timers: { stream: (state, ctx) => note(state, host.due(state, ctx)) },
    };
  };

  const resultsOf = (world: World): unknown[][] => {
    const { names, results } = world.named('c').state as Caller;
    return names.map((name) => results[name] ?? []);
  };

  test('unary, client-streaming, server-streaming and bidirectional calls share a connection that loses and reorders, and each is whole', () => {
    for (const seed of ['a', 'b', 'c', 'd', 'e']) {
      const world = new World({ seed });
      world.links({ latency: constant(ms(10)), loss: 0.15, duplicate: 0.1, reorder: 0.3, reorderWindow: ms(40) });
      const to = world.ref<StreamProtocol>('s');
      world.node(to, { actor: server() });
      const calls = [
        ['sum', [7]],
        ['sum', [1, 2, 3, 4]],
        ['count', [5]],
        ['running', [1, 10, 100]],
        ['unknown', []],
      ] as const;
      world.node('c', { actor: caller(to, calls) });
      drive(world, s(60));
      expect(resultsOf(world)).toEqual([
        [7, 'ok'],
        [10, 'ok'],
        [1, 2, 3, 4, 5, 'ok'],
        [1, 11, 111, 'ok'],
        ['unimplemented'],
      ]);
      expect(world.nodes.map((node) => (node.state as HasCalls).calls.size)).toEqual([0, 0]);
    }
  });

  test('a call to who is gone ends once, as unavailable', () => {
    const world = new World({ seed: 'gone' });
    const to = world.ref<StreamProtocol>('s');
    world.node(to, { actor: server() });
    world.node('c', { actor: caller(to, [['running', [1, 2]]]) });
    drive(world, 10);
    crash(world, world.named('s'));
    drive(world, s(200));
    expect(resultsOf(world)).toEqual([['unavailable']]);
  });
});
