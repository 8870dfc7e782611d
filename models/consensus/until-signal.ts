/** How a request waits for the group to get somewhere. */
import { CallError, reject, type Context, type Flow, type Micros } from '../../sim/index.ts';

/**
 * Waits until `reached`, looking again each time that `signal` is given. Refuses with `no-quorum` after `patience`, definitely so unless
 * the request may have an `effect`; what `reached` throws ends the wait.
 */
export function* untilSignalled<S>(
  { signal, patience, effect }: { readonly signal: string; readonly patience: Micros; readonly effect: boolean },
  ctx: Context<S>,
  reached: (state: S) => boolean,
): Flow {
  const deadline = ctx.clock.monotonic + patience;
  while (!reached(ctx.state)) {
    const left = deadline - ctx.clock.monotonic;
    if (left <= 0) throw reject('no-quorum', `${ctx.self.id} gave up waiting for a quorum`, undefined, !effect);
    try {
      yield* ctx.wait(signal, left);
    } catch (error) {
      // Out of patience: the next turn says so.
      if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
    }
  }
}
