import { choice, count, defineScenario, holds, s, violates } from '../sim/index.ts';
import { loadOnMiss, singleFlight, staleWhileRevalidate, xFetch } from '../models/index.ts';
import { ONE_LOADER } from './worlds/cache-checks.ts';
import { hotKeyChecks, hotKeyNemesis, hotKeys, slowDatabase } from './worlds/hot-keys.ts';

const REFRESH = {
  none: loadOnMiss(),
  'single-flight': singleFlight(),
  'stale-while-revalidate': staleWhileRevalidate({ for: '3s' }),
  xfetch: xFetch(),
} as const;

/**
 * A stampede. Values expire while the database is slow, everybody who wants them loads them, the database is asked for more than it can
 * do, no load comes back while somebody waits for it, and so nothing is ever cached again: the outage outlives its cause. Loading
 * early (XFetch) only helps against loads that are as slow as the last one.
 */
export default defineScenario({
  name: 'stampede',
  question:
    'Hot keys expire while the database is slow: does it have to load each of them once, or once for every reader?',
  params: {
    rate: count(240, { min: 1, max: 2_000, doc: 'reads a second; the database can do 100' }),
    refresh: choice<keyof typeof REFRESH>(
      'none',
      ['none', 'single-flight', 'stale-while-revalidate', 'xfetch'],
      'protection from stampedes',
    ),
  },
  duration: s(12),
  build: ({ world, params, duration }) =>
    hotKeys({ world, duration, rate: params.rate, refresh: REFRESH[params.refresh] }),
  faults: slowDatabase,
  checks: hotKeyChecks,
  expect({ refresh }) {
    if (refresh === 'none') return violates([ONE_LOADER, 'goodput returns']);
    return refresh === 'xfetch' ? violates(ONE_LOADER, { also: ['goodput returns'] }) : holds();
  },
  nemesis: hotKeyNemesis,
});
