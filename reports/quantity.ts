/** Numbers for people. No locale: the same text on every machine. */
import { NEVER, type Micros } from '../sim/base/time.ts';

/** `21,150`. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `1 message`, `21,150 messages`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${grouped(n)} ${n === 1 ? one : many}`;

/** An instant in seconds with four decimals: `6.4224 s`. */
export const instant = (at: Micros): string => (at >= NEVER ? 'never' : `${(at / 1_000_000).toFixed(4)} s`);

const trimmed = (n: number, digits: number): string => n.toFixed(digits).replace(/\.?0+$/, '');

/** A length of time in the unit that fits: `30 µs`, `1.25 ms`, `2.5 s`, `4 min`. */
export function length(us: Micros): string {
  if (us >= NEVER) return 'for ever';
  if (us < 1_000) return `${us} µs`;
  if (us < 1_000_000) return `${trimmed(us / 1_000, us < 10_000 ? 2 : 1)} ms`;
  if (us < 120_000_000) return `${trimmed(us / 1_000_000, us < 10_000_000 ? 2 : 1)} s`;
  return us < 7_200_000_000 ? `${trimmed(us / 60_000_000, 1)} min` : `${trimmed(us / 3_600_000_000, 1)} h`;
}

/** A fault's window: `4.800–8.200 s`, `4.800 s to the end`. */
export function window(at: Micros, until: Micros | undefined): string {
  const seconds = (t: Micros): string => (t / 1_000_000).toFixed(3);
  return until === undefined ? `${seconds(at)} s to the end` : `${seconds(at)}–${seconds(until)} s`;
}
