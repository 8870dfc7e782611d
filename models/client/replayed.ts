/**
 * Replay of a recording: operations are intended when they were in an access log, an earlier run, or a published trace. What
 * real load does (bursts, rush hours, hot keys all at once) no distribution does; what it cannot do is react: the recording is
 * an open loop.
 */
import { ConfigError, NEVER, parseDuration, type Duration, type Micros } from '../../sim/index.ts';
import type { AnyArrivals, ArrivalProcess } from './arrivals.ts';

/** An entry of a recording. */
export interface Recorded {
  /** Since the beginning of the recording. */
  readonly at: Micros;
  /** What the request was about. */
  readonly key?: string;
}

export interface ReplayOptions {
  /** Ascending by time, at least one. */
  readonly recording: readonly Recorded[];
  /** Times as quick, above 0. Default 1. */
  readonly speed?: number;
  /** It begins anew after this long, which is no shorter than the recording. Default: it ends. */
  readonly repeat?: Duration;
}

interface ReplayState {
  /** Of the arrival just placed, counted through all repetitions; −1: none yet. */
  index: number;
}

/**
 * Arrivals of a recording that begins with the workload. An operation finds its entry's number in what was intended. Throws
 * ConfigError.
 */
export function replayed({ recording, speed = 1, repeat }: ReplayOptions): AnyArrivals {
  const { length } = recording;
  if (length === 0) throw new ConfigError('replayed.recording', recording, 'at least one entry');
  const wrong = recording.findIndex(({ at }, i) => !(at >= (recording[i - 1]?.at ?? 0) && at <= NEVER));
  if (wrong >= 0)
    throw new ConfigError(
      `replayed.recording[${wrong}].at`,
      recording[wrong]?.at,
      'an instant not before the one before it',
    );
  if (!(speed > 0 && speed < Infinity)) throw new ConfigError('replayed.speed', speed, 'a number above 0');
  const last = recording[length - 1] as Recorded;
  const period = repeat === undefined ? NEVER : parseDuration(repeat, 'replayed.repeat');
  if (period <= last.at) throw new ConfigError('replayed.repeat', repeat, `longer than the recording, ${last.at} µs`);
  const timeOf = (index: number): number => {
    if (index >= length && repeat === undefined) return NEVER;
    return (Math.floor(index / length) * period + (recording[index % length] as Recorded).at) / speed;
  };
  /** The first entry at or after a time. */
  const firstFrom = (time: number): number => {
    const round = repeat === undefined ? 0 : Math.max(0, Math.floor((time * speed) / period));
    const within = recording.findIndex((_, i) => timeOf(round * length + i) >= time);
    return within < 0 ? (round + 1) * length : round * length + within;
  };
  const process: ArrivalProcess<ReplayState> = {
    name: 'replayed',
    init: () => ({ index: -1 }),
    gap(state, { after, from, factor }) {
      const before = state.index;
      state.index = before < 0 ? firstFrom(after - from) : before + 1;
      const at = timeOf(state.index);
      if (at >= NEVER) return NEVER;
      return (before < 0 ? from + at - after : at - timeOf(before)) / factor;
    },
    entry: ({ index }) => index % length,
  };
  return process as AnyArrivals;
}

/**
 * Reads a recording: one request a line, the seconds since the beginning, then white space and the key, if there is one. Empty
 * lines and what follows a # are left out. `0.0153 /index`. Throws ConfigError naming the line.
 */
export function parseRecording(text: string): readonly Recorded[] {
  const recording: Recorded[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const [, seconds, key] = /^\s*(\S+)(?:\s+(\S.*?))?\s*$/.exec(line.replace(/(^|\s)#.*$/, '')) ?? [];
    if (seconds === undefined) continue;
    const at = /^\d+(\.\d+)?$/.test(seconds) ? Math.round(Number(seconds) * 1e6) : NaN;
    if (!(at >= (recording.at(-1)?.at ?? 0)))
      throw new ConfigError(
        `recording: line ${i + 1}`,
        line,
        'seconds, not before the line before it, and perhaps a key',
      );
    recording.push({ at, ...(key === undefined ? {} : { key }) });
  }
  return recording;
}
