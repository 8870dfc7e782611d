/** What a node's own clock shows at an instant, and its leases by that clock. */
import type { Micros } from '../sim/base/time.ts';
import type { ClockTurn } from '../sim/world/node-clock.ts';
import { instant, length } from './quantity.ts';

export interface OwnClock {
  /** The clock that timers and leases run on, µs. */
  readonly monotonic: number;
  readonly wall: number;
  /** Local µs per true µs of the first. */
  readonly rate: number;
}

/** `turns`: of a clock that did not show true time throughout. */
export function ownClock(turns: readonly ClockTurn[] | undefined, at: Micros): OwnClock {
  const turn = turns?.findLast(([since]) => since <= at);
  if (turn === undefined) return { monotonic: at, wall: at, rate: 1 };
  const [since, monotonic, wall, rate, wallRate] = turn;
  return {
    monotonic: Math.floor(monotonic + (at - since) * rate),
    wall: Math.floor(wall + (at - since) * wallRate),
    rate,
  };
}

const skewText = (reading: number, at: Micros): string => {
  const skew = reading - at;
  return skew === 0 ? '' : `, ${length(Math.abs(skew))} ${skew < 0 ? 'behind' : 'ahead'}`;
};

/** Lines such as `3.2037 s, 1.0873 s behind, runs ×0.7`, by clock; none for a clock that shows true time. */
export function clockLines(clock: OwnClock, at: Micros): readonly (readonly [name: string, text: string])[] {
  const { monotonic, wall, rate } = clock;
  const lines: [string, string][] = [];
  const speed = rate === 1 ? '' : rate === 0 ? ', stands still' : `, runs ×${Number(rate.toPrecision(4))}`;
  if (monotonic !== at || rate !== 1)
    lines.push(['its clock', `${instant(monotonic)}${skewText(monotonic, at)}${speed}`]);
  if (wall !== monotonic) lines.push(['wall clock', `${wallText(wall)}${skewText(wall, at)}`]);
  return lines;
}

const wallText = (reading: number): string => (reading < 0 ? `−${instant(-reading)}` : instant(reading));

/** Fields of states that are instants on the node's own clock. */
const IS_INSTANT = /(At|Since|Until|Deadline|Expiry|Expires|^due|^until)$/;
const IS_LEASE = /(Until|expiresAt|Deadline|Expiry|Expires|^until)$/;

/** A field's value as an instant, with what is left of a lease; undefined for anything else. */
export function instantField(name: string, text: string, { monotonic }: OwnClock): string | undefined {
  const value = Number(text);
  if (!IS_INSTANT.test(name) || !Number.isFinite(value) || value < 1_000) return undefined;
  if (!IS_LEASE.test(name)) return instant(value);
  const left = Math.round(value - monotonic);
  return `${instant(value)}, ${left > 0 ? `${length(left)} left` : `over for ${length(-left)}`} by its clock`;
}
