/**
 * Named states over time: what actors mark themselves (`ctx.mark('breaker', 'open')`), and what gates in front of services are
 * seen to do by what they count. Of what happened within a five-hundredth of the run the gravest state is shown.
 */
import type { Micros } from '../sim/base/time.ts';
import type { MetricsJson } from '../sim/metrics/metrics.ts';
import { length } from './quantity.ts';

/** calm: business as usual; bad: something is refused or cut off; wary: on the way from one to the other. */
export type Gravity = 'calm' | 'wary' | 'bad' | 'other';

export interface StripSpan {
  readonly from: Micros;
  readonly to: Micros;
  readonly state: string;
}

export interface StateStrip {
  /** `n1 breaker`. */
  readonly name: string;
  readonly spans: readonly StripSpan[];
  /** States by the time spent in them, the longest first, with their share of the time covered. */
  readonly shares: readonly { readonly state: string; readonly share: number }[];
  /** How exact it is, when it is not exact. */
  readonly remark: string;
}

export interface StateStrips {
  readonly strips: readonly StateStrip[];
  readonly omitted: number;
}

const MOST_STRIPS = 12;
const COLUMNS = 500;
/** Stretches that a gate's counts are added up over, at least this many in a run. */
const GATE_BUCKETS = 100;

const CALM = /^(closed|passing|admitting|up|healthy|normal|full|running|serving|steady|ok|idle|in-step|connected)$/i;
const WARY =
  /^(half-?open|limiting|refusing|probing|suspect|lining up|queueing|slow-?start|draining|warming|recovering|degraded|trial)$/i;
const BAD = /^(open|failing.*|shedding|rejecting|tripped|down|ejected|isolated|overloaded|unhealthy|forced-open)$/i;

export const gravityOf = (state: string): Gravity =>
  CALM.test(state) ? 'calm' : WARY.test(state) ? 'wary' : BAD.test(state) ? 'bad' : 'other';

const GRAVEST: readonly Gravity[] = ['calm', 'other', 'wary', 'bad'];
const rank = (state: string): number => GRAVEST.indexOf(gravityOf(state));

/** What gates count, and what they are doing then, the gravest first. */
const LIMITER: readonly Counted[] = [
  ['failed-open', 'failing open'],
  ['failed-closed', 'failing closed'],
  ['limited', 'limiting'],
  ['enqueued', 'lining up'],
  ['admitted', 'passing'],
];
type Counted = readonly [counter: string, state: string];

/** `refused` alone, or of a named policy: `shedder refused`. */
const REFUSED = /^(?:(.+) )?refused$/;

export function stateStrips(metrics: MetricsJson, end: Micros): StateStrips {
  const marked = (metrics.marks ?? []).map(({ scope, name, changes, grain = 0 }) => {
    const spans = changes.map(([from, state], i) => ({ from, to: changes[i + 1]?.[0] ?? end, state }));
    return stripOf(
      scope === '' ? name : `${scope} ${name}`,
      spans,
      end,
      grain === 0 ? '' : `without what lasted less than ${length(grain)}`,
    );
  });
  const strips = [...marked, ...gateStrips(metrics, end)].filter(({ spans }) => spans.length > 0);
  const eventful = ({ shares }: StateStrip): number => Math.max(...shares.map(({ state }) => rank(state)));
  const ranked = strips.toSorted((a, b) => eventful(b) - eventful(a));
  const kept = new Set(ranked.slice(0, MOST_STRIPS));
  return { strips: strips.filter((strip) => kept.has(strip)), omitted: strips.length - kept.size };
}

type Counters = MetricsJson['counters'];

/** Gates do not say what state they are in: what they count tells. */
function gateStrips({ counters, marks = [] }: MetricsJson, end: Micros): StateStrip[] {
  const counting = counters.filter(({ series }) => series !== undefined);
  const limiters = counting.filter(({ name }) => name === 'admitted');
  const strips = limiters.map(({ scope }) => gateStrip(`${scope} gate`, scope, LIMITER, counting, 'idle', end));
  const refusing = counting.flatMap(({ scope, name }) => {
    const policy = REFUSED.exec(name)?.[1];
    const isMarked = marks.some((mark) => mark.scope === scope && mark.name === policy);
    if (!REFUSED.test(name) || isMarked) return [];
    const label = policy === undefined ? scope : `${scope} ${policy}`;
    return [gateStrip(label, scope, [[name, 'refusing']], counting, 'passing', end)];
  });
  return [...strips, ...refusing];
}

/** `otherwise`: the state while nothing of it is counted. */
function gateStrip(
  label: string,
  scope: string,
  counted: readonly Counted[],
  counters: Counters,
  otherwise: string,
  end: Micros,
): StateStrip {
  const own = counted.flatMap(([name, state]) => {
    const series = counters.find((one) => one.scope === scope && one.name === name)?.series;
    return series === undefined ? [] : [{ state, series }];
  });
  const widest = Math.max(...own.map(({ series }) => series.bucketUs));
  const width = widest * Math.max(1, Math.round(end / GATE_BUCKETS / widest));
  const spans: StripSpan[] = [];
  for (let from = 0; from < end; from += width) {
    const busy = own.find(({ series: { values, bucketUs } }) => {
      const part = values.slice(Math.round(from / bucketUs), Math.round((from + width) / bucketUs));
      return part.some((count) => count > 0);
    });
    spans.push({ from, to: Math.min(end, from + width), state: busy?.state ?? otherwise });
  }
  return stripOf(label, spans, end, `seen per ${length(width)}`);
}

function stripOf(name: string, exact: readonly StripSpan[], end: Micros, remark: string): StateStrip {
  const times = new Map<string, number>();
  for (const { from, to, state } of exact) times.set(state, (times.get(state) ?? 0) + to - from);
  const all = Math.max(
    1,
    [...times.values()].reduce((sum, time) => sum + time, 0),
  );
  const shares = [...times].map(([state, time]) => ({ state, share: time / all })).sort((a, b) => b.share - a.share);
  return { name, spans: drawn(exact, end), shares, remark };
}

/** Spans of whole columns, neighbours that are alike joined. */
function drawn(exact: readonly StripSpan[], end: Micros): StripSpan[] {
  const column = Math.max(1, end / COLUMNS);
  const gravest: (string | undefined)[] = [];
  for (const { from, to, state } of exact) {
    const last = Math.min(COLUMNS - 1, Math.ceil(to / column) - 1);
    for (let i = Math.floor(from / column); i <= Math.max(last, Math.floor(from / column)); i++) {
      const other = gravest[i];
      if (other === undefined || rank(state) > rank(other)) gravest[i] = state;
    }
  }
  const spans: StripSpan[] = [];
  for (let i = 0; i < Math.min(COLUMNS, gravest.length); i++) {
    const state = gravest[i];
    const before = spans.at(-1);
    const to = Math.round((i + 1) * column);
    if (state === undefined) continue;
    if (before?.state === state && before.to === Math.round(i * column)) spans[spans.length - 1] = { ...before, to };
    else spans.push({ from: Math.round(i * column), to, state });
  }
  return spans;
}
