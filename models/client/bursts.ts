/**
 * Bursts: Poisson arrivals whose rate goes through phases of random length: on and off, or any round of them. With exponential
 * phases a Markov-modulated Poisson process (W. Fischer, K. Meier-Hellstern, "The Markov-modulated Poisson process cookbook",
 * 1993): the same mean as a Poisson process, but counts that vary more, which fills queues at loads that look harmless.
 *
 * Phases belong to the client and not to its arrivals: they are where they are whatever a traffic spike or a crash does.
 */
import { ConfigError, NEVER, compile } from '../../sim/index.ts';
import type { Distribution, Sampler } from '../../sim/index.ts';
import { poissonGap, type AnyArrivals, type ArrivalProcess } from './arrivals.ts';

export interface Phase {
  /** Operations a second, at least 0. */
  readonly rate: number;
  /** How long it lasts each time: a distribution with a mean above 0; exponential for a Markov-modulated process. */
  readonly lasts: Distribution;
}

interface BurstState {
  /** Number of the phase, counted from the beginning of the client's clock. */
  phase: number;
  /** When it ends, µs, not rounded. */
  until: number;
}

/**
 * The phases in turn, the first from instant 0 on. `bursts([{ rate: 500, lasts: exponential({ mean: '1s' }) }, { rate: 20,
 * lasts: … }])`. Throws ConfigError.
 */
export function bursts(phases: readonly Phase[]): AnyArrivals {
  if (phases.every(({ rate }) => rate === 0))
    throw new ConfigError('bursts', phases, 'at least one phase with a rate above 0');
  const laws = phases.map(({ rate, lasts }, i): { readonly rate: number; readonly law: Sampler } => {
    if (!(rate >= 0 && rate <= 1e9))
      throw new ConfigError(`bursts[${i}].rate`, rate, 'a number of operations a second from 0 to 1e9');
    const law = compile(lasts, `bursts[${i}].lasts`);
    if (!(law.mean > 0)) throw new ConfigError(`bursts[${i}].lasts`, lasts, 'a distribution with a mean above 0');
    return { rate, law };
  });
  const process: ArrivalProcess<BurstState> = {
    name: 'bursts',
    init: () => ({ phase: -1, until: 0 }),
    gap(state, { after, factor, draws, shared }) {
      let at = after;
      while (at < NEVER) {
        const { rate } = laws[Math.max(0, state.phase) % laws.length] as { readonly rate: number };
        const candidate = state.until > at && rate > 0 ? at + poissonGap(rate * factor, draws) : Infinity;
        if (candidate < state.until) return candidate - after;
        at = Math.max(at, state.until);
        state.phase++;
        const { law } = laws[state.phase % laws.length] as { readonly law: Sampler };
        state.until += law.sampleReal(shared.at(state.phase));
      }
      return NEVER;
    },
  };
  return process as AnyArrivals;
}
