import { describe, expect, test } from '@jest/globals';
import { ms, s } from '../../sim/base/time.ts';
import { CallError, reject } from '../../sim/world/call-error.ts';
import { fixedBackoff } from '../../sim/world/retry.ts';
import { defineActor, type Flow, type NodeRef } from '../../sim/world/actor.ts';
import { drive, logOf, newWorld, runner } from '../support/bare-world.ts';

interface Echo {
  echo(p: { n: number; after?: number }): number;
  refuse(p: object): void;
  silent(p: object): void;
}

const echo = () =>
  defineActor<{ seen: number[] }, Echo>({
    role: 'echo',
    init: () => ({ seen: [] }),
    on: {
      refuse() {
        throw reject('nope', 'not today');
      },
    },
    flows: {
      *echo({ n, after = 0 }, ctx) {
        ctx.update((state) => void state.seen.push(n));
        if (after > 0) yield* ctx.sleep(after);
        return n;
      },
      *silent(_payload, ctx) {
        yield* ctx.sleep(s(1_000));
      },
    },
  });

/** One echo node and one flow that talks to it; link latency is 1 ms each way. */
function talk(
  body: (
    to: NodeRef<Echo>,
    ctx: Parameters<Parameters<typeof runner>[0]>[0],
    log: (line: string) => void,
  ) => Flow<unknown>,
  until = s(60),
) {
  const world = newWorld();
  const server = world.node<{ seen: number[] }, Echo>('server', { actor: echo() });
  world.node('client', { actor: runner((ctx, log) => body(server, ctx, log)) });
  drive(world, until);
  return {
    log: world.named('client').state as string[],
    server: world.named('server').state as { seen: number[] },
    world,
  };
}

const failure = (error: unknown): string =>
  error instanceof CallError ? `${error.kind}/${error.code}/${error.definite}` : `other ${String(error)}`;

describe('a call', () => {
  test('takes one latency each way', () => {
    const { log } = talk(function* (to, ctx, say) {
      say(`${yield* ctx.call(to, 'echo', { n: 7 })} at ${ctx.clock.monotonic}`);
    });
    expect(log).toEqual(['7 at 2000']);
  });

  test('times out on the caller’s clock, and the late reply changes nothing', () => {
    const { log, server } = talk(function* (to, ctx, say) {
      try {
        yield* ctx.call(to, 'echo', { n: 1, after: ms(50) }, { deadline: ms(10) });
      } catch (error) {
        say(`${failure(error)} at ${ctx.clock.monotonic}`);
      }
      yield* ctx.sleep(ms(100));
      say('still alone');
    });
    expect(log).toEqual(['timeout/timeout/false at 10000', 'still alone']);
    expect(server.seen).toEqual([1]);
  });

  test('that is refused fails with the server’s code, definitely', () => {
    const { log } = talk(function* (to, ctx, say) {
      try {
        yield* ctx.call(to, 'refuse', {});
      } catch (error) {
        say(failure(error));
      }
    });
    expect(log).toEqual(['rejected/nope/true']);
  });

  test('with a retry policy tries as often as it says and waits in between', () => {
    const { log } = talk(function* (to, ctx, say) {
      try {
        yield* ctx.call(to, 'silent', {}, { deadline: ms(10), retry: fixedBackoff({ attempts: 3, base: ms(5) }) });
      } catch (error) {
        say(`${failure(error)} at ${ctx.clock.monotonic}`);
      }
    });
    expect(log).toEqual(['timeout/timeout/false at 40000']);
  });
});

describe('waiting for several operations', () => {
  test('all runs them side by side and keeps their order', () => {
    const { log } = talk(function* (to, ctx, say) {
      const results = yield* ctx.all([ctx.call(to, 'echo', { n: 1, after: ms(30) }), ctx.call(to, 'echo', { n: 2 })]);
      say(`${results.join()} at ${ctx.clock.monotonic}`);
    });
    expect(log).toEqual(['1,2 at 32000']);
  });

  test('all fails with the first failure', () => {
    const { log } = talk(function* (to, ctx, say) {
      try {
        yield* ctx.all<unknown>([ctx.call(to, 'echo', { n: 1, after: ms(30) }), ctx.call(to, 'refuse', {})]);
      } catch (error) {
        say(`${failure(error)} at ${ctx.clock.monotonic}`);
      }
    });
    expect(log).toEqual(['rejected/nope/true at 2000']);
  });

  test('any takes the first success and overlooks failures before it', () => {
    const { log } = talk(function* (to, ctx, say) {
      const first = yield* ctx.any<unknown>([ctx.call(to, 'refuse', {}), ctx.call(to, 'echo', { n: 5, after: ms(9) })]);
      say(`${String(first)} at ${ctx.clock.monotonic}`);
    });
    expect(log).toEqual(['5 at 11000']);
  });

  test('race takes whatever settles first', () => {
    const log = logOf(function* (ctx, say) {
      yield* ctx.race([ctx.sleep(ms(20)), ctx.sleep(ms(5))]);
      say(`at ${ctx.clock.monotonic}`);
    });
    expect(log).toEqual(['at 5000']);
  });

  test('quorum waits for as many successes as asked, and sends to everybody', () => {
    const { log, server } = talk(function* (to, ctx, say) {
      const calls = [1, 2, 3].map((n) => ctx.call(to, 'echo', { n, after: ms(10) * n }));
      say(`${(yield* ctx.quorum(2, calls)).join()} at ${ctx.clock.monotonic}`);
    });
    expect(log).toEqual(['1,2 at 22000']);
    expect(server.seen).toEqual([1, 2, 3]);
  });

  test('quorum fails as soon as it cannot be reached, and says whether anything can have happened', () => {
    const { log } = talk(function* (to, ctx, say) {
      const none = [
        ctx.call(to, 'refuse', {}),
        ctx.call(to, 'refuse', {}),
        ctx.call(to, 'echo', { n: 1, after: s(1) }),
      ];
      try {
        yield* ctx.quorum<unknown>(2, none);
      } catch (error) {
        say(`${failure(error)} at ${ctx.clock.monotonic}`);
      }
      try {
        yield* ctx.quorum<unknown>(1, [ctx.call(to, 'refuse', {}), ctx.call(to, 'refuse', {})]);
      } catch (error) {
        say(failure(error));
      }
      try {
        yield* ctx.quorum<unknown>(2, [
          ctx.call(to, 'echo', { n: 1 }),
          ctx.call(to, 'silent', {}, { deadline: ms(5) }),
        ]);
      } catch (error) {
        say(failure(error));
      }
    });
    expect(log).toEqual(['quorum/no-quorum/false at 2000', 'quorum/no-quorum/true', 'quorum/no-quorum/false']);
  });

  test('flows can stand beside operations', () => {
    const log = logOf(function* (ctx, say) {
      function* slow(): Flow<string> {
        yield* ctx.sleep(ms(3));
        return 'flow';
      }
      say((yield* ctx.all<unknown>([slow(), ctx.sleep(ms(1))])).map(String).join());
    });
    expect(log).toEqual(['flow,undefined']);
  });
});

describe('signals', () => {
  test('wake every flow that waits, and nobody who comes later', () => {
    const log = logOf(function* (ctx, say) {
      function* waiter(name: string): Flow {
        say(`${name} ${String(yield* ctx.wait('go'))}`);
      }
      ctx.spawn(waiter('a'));
      ctx.spawn(waiter('b'));
      yield* ctx.sleep(ms(1));
      ctx.signal('go', 42);
      try {
        yield* ctx.wait('go', ms(1));
      } catch (error) {
        say(failure(error));
      }
    });
    expect(log).toEqual(['a 42', 'b 42', 'timeout/timeout/false']);
  });
});

describe('the loser of a race', () => {
  test('runs its finally blocks, and no more', () => {
    const log = logOf(function* (ctx, say) {
      const loser = function* (): Flow {
        try {
          yield* ctx.sleep(ms(9));
          say('never');
        } finally {
          say('given back');
        }
      };
      yield* ctx.race([loser(), ctx.sleep(ms(2))]);
      yield* ctx.sleep(ms(20));
      say('done');
    });
    expect(log).toEqual(['given back', 'done']);
  });

  test('may not wait in them', () => {
    expect(() =>
      logOf(function* (ctx) {
        const loser = function* (): Flow {
          try {
            yield* ctx.sleep(ms(9));
          } finally {
            yield* ctx.sleep(ms(1));
          }
        };
        yield* ctx.race([loser(), ctx.sleep(ms(2))]);
      }),
    ).toThrow('waits in its finally');
  });

  test('stops work that can be interrupted, and only that; what is left of it is known', () => {
    const log = logOf(function* (ctx, say) {
      const [whole, piece] = [ctx.work(ms(9)), ctx.interruptibleWork(ms(9))];
      yield* ctx.race([piece, ctx.sleep(ms(2))]);
      yield* ctx.work(ms(1));
      say(`${piece.left} ${ctx.clock.monotonic}`);
      yield* ctx.race([whole, ctx.sleep(ms(2))]);
      yield* ctx.work(ms(1));
      say(`${ctx.clock.monotonic}`);
    });
    expect(log).toEqual(['7000 3000', '13000']);
  });
});

describe('the rules of flows and steps', () => {
  test('an operation is waited for once only', () => {
    expect(() =>
      logOf(function* (ctx) {
        const nap = ctx.sleep(1);
        yield* ctx.all([nap, nap]);
      }),
    ).toThrow('waited for once only');
  });

  test('a step may not use a flow’s means', () => {
    const world = newWorld();
    world.node('n', { actor: { role: 'x', init: () => ({}), start: (_s, ctx) => ctx.update(() => undefined) } });
    expect(() => drive(world, 1)).toThrow('ctx.update is for flows');
  });

  test('a message without a handler is an error that names node, role and message', () => {
    const world = newWorld();
    const mute = world.node<object, Echo>('mute', { actor: { role: 'mute', init: () => ({}) } });
    world.node('n', { actor: { role: 'x', init: () => ({}), start: (_s, ctx) => ctx.send(mute, 'refuse', {}) } });
    expect(() => drive(world, s(1))).toThrow('mute (mute) has no handler for message refuse');
  });

  test('a bug in a handler ends the run with that error', () => {
    expect(() =>
      logOf(function* (ctx) {
        yield* ctx.sleep(1);
        throw new TypeError('a bug');
      }),
    ).toThrow('a bug');
  });
});
