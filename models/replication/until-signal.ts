/** How a request waits for the group to get somewhere. */
import { CallError, reject, type Context, type Flow, type Micros } from '../../sim/index.ts';

export interface Wait {
  readonly signal: string;
  readonly patience: Micros;
  /** Something may come of the request although it is refused. */
  readonly effect: boolean;
  /** The refusal when patience has run out. Default: `no-quorum`. */
  readonly refusal?: { readonly code: string; readonly what: string };
}

const NO_QUORUM = { code: 'no-quorum', what: 'gave up waiting for a quorum' };

/**
 * Waits until `reached`, looking again each time that `signal` is given. Refuses after `patience`, definitely so unless the request may
 * have an effect; what `reached` throws ends the wait.
 */
export function* untilSignalled<S>(
  { signal, patience, effect, refusal: { code, what } = NO_QUORUM }: Wait,
  ctx: Context<S>,
  reached: (state: S) => boolean,
): Flow {
  const deadline = ctx.clock.monotonic + patience;
  while (!reached(ctx.state)) {
    const left = deadline - ctx.clock.monotonic;
    if (left <= 0) throw reject(code, `${ctx.self.id} ${what}`, undefined, !effect);
    try {
      yield* ctx.wait(signal, left);
    } catch (error) {
      // Out of patience: the next turn says so.
      if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
    }
  }
}
