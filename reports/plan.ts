/** Everything that decides a run, as plain data: what a page runs again, changed or not. */
import type { Repro } from '../sim/repro.ts';

export type Plan = Pick<Repro, 'scenario' | 'params' | 'seed' | 'schedule' | 'noise' | 'limited' | 'order'>;

/** The plan of a recorded run. */
export const planOf = ({ scenario, params, seed, schedule, noise, limited, order }: Repro): Plan => ({
  scenario,
  params,
  seed,
  schedule,
  ...(noise === undefined ? {} : { noise }),
  ...(limited === undefined ? {} : { limited }),
  ...(order === undefined ? {} : { order }),
});
