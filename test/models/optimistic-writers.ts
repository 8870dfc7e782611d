/**
 * Clients that update one row with optimistic concurrency: read its version, write if it is still the same, back off and begin anew if it is
 * not. The simulation of M. Brooker's "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
 */
import { defineActor, ms, normal, reject, type RetryPolicy } from '../../sim/index.ts';
import { runUntil } from '../../sim/kernel/engine.ts';
import { limitsFrom } from '../../sim/kernel/limits.ts';
import { World } from '../../sim/world/world.ts';

interface Row {
  read(payload: Record<never, never>): number;
  write(payload: { readonly version: number }): void;
}

/** When the last client was done, ms, and how many writes were tried. */
export function optimisticWriters(seed: string, clients: number, retry: RetryPolicy): { ms: number; calls: number } {
  const world = new World({ seed });
  world.links({ latency: normal({ mean: ms(10), sd: ms(2) }) });
  const row = world.node<{ version: number; calls: number }, Row>('row', {
    actor: defineActor<{ version: number; calls: number }, Row>({
      role: 'row',
      init: () => ({ version: 0, calls: 0 }),
      on: {
        read: (state) => state.version,
        write(state, { version }) {
          state.calls++;
          if (version !== state.version) throw reject('conflict');
          state.version++;
        },
      },
    }),
  });
  for (let i = 1; i <= clients; i++) {
    world.node(`c${i}`, {
      actor: defineActor<{ doneAt: number }, Record<never, never>>({
        role: 'writer',
        init: () => ({ doneAt: 0 }),
        start(_state, ctx) {
          const attempt = function* () {
            const version = yield* ctx.call(row, 'read', {});
            yield* ctx.call(row, 'write', { version });
          };
          ctx.spawn(
            (function* () {
              yield* ctx.retry(retry, () => ctx.all([attempt()]));
              ctx.update((state) => (state.doneAt = ctx.clock.monotonic));
            })(),
          );
        },
      }),
    });
  }
  world.start();
  runUntil(world.queue, ms(1e7), limitsFrom({ maxEvents: 1e8 }), () => world.dispatch());
  const done = world.nodes.slice(1).map(({ state }) => (state as { doneAt: number }).doneAt);
  return { ms: Math.max(...done) / ms(1), calls: (world.named('row').state as { calls: number }).calls };
}
