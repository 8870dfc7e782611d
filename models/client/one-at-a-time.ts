/** What clients do that have one thing in hand at a time (a closed loop of one user): pause, do it, pause again. */
import type { Context, Flow, Sampler } from '../../sim/index.ts';

export interface Pace {
  /** The pause before each thing. */
  readonly pause: Sampler;
  /** Nothing begins at or after this instant of the client's monotonic clock, in µs; Infinity: it goes on for ever. */
  readonly until: number;
  /** Things in all. Default: no limit. */
  readonly most?: number;
}

export function* oneAtATime(
  { pause, until, most = Infinity }: Pace,
  ctx: Pick<Context, 'sleep' | 'random' | 'clock'>,
  next: () => Flow<unknown>,
): Flow {
  for (let begun = 0; begun < most; begun++) {
    yield* ctx.sleep(pause.sample(ctx.random));
    if (ctx.clock.monotonic >= until) return;
    yield* next();
  }
}
