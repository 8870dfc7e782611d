/** When a queue grew beyond everything before: the mark of an overload that feeds itself. */
import type { Micros } from '../sim/base/time.ts';
import type { RunResult } from '../sim/result.ts';
import { grouped } from './quantity.ts';

export interface QueueGrowth {
  readonly at: Micros;
  readonly node: string;
  readonly text: string;
}

/** Levels that count what waits. */
export const isQueue = (name: string): boolean => /queue|backlog|pending|depth|inflight|in-flight|waiting/i.test(name);

/** `cpu.queue` of `database` is `database's CPU queue`. */
const queueName = (scope: string, name: string): string => {
  const words = name.replace(/^cpu\./, 'CPU ').replaceAll(/[._-]/g, ' ');
  return scope === '' ? `the ${words}` : `${scope}'s ${words}`;
};

/** A queue below this is everyday. */
const LEAST = 10;

/**
 * The queue that grew most since `since`, at the round number that is a tenth of its peak or more, and at least twice what
 * it had reached before; undefined when none did. Precise to a bucket of the series.
 */
export function queueGrowth({ metrics }: RunResult, since: Micros): QueueGrowth | undefined {
  const grown = metrics.gauges.flatMap(({ scope, name, max: peak, series }) => {
    if (series === undefined || !isQueue(name)) return [];
    const { bucketUs, max } = series;
    const start = Math.floor(since / bucketUs);
    const before = Math.max(0, ...max.slice(0, start));
    const mark = 10 ** Math.max(0, String(Math.floor(peak)).length - 2);
    if (mark < LEAST || mark < before * 2) return [];
    const bucket = max.findIndex((level, i) => i >= start && level >= mark);
    if (bucket < 0) return [];
    const drained = series.values.findIndex((level, i) => i > bucket && level < mark / 10);
    return [{ scope, name, peak, mark, at: Math.max(since, bucket * bucketUs), drains: drained >= 0 }];
  });
  const most = grown.toSorted((a, b) => b.peak - a.peak)[0];
  if (most === undefined) return undefined;
  const { scope, name, mark, at, drains, peak } = most;
  const end = drains ? `, on its way to ${grouped(peak)}` : ' and does not drain';
  return { at, node: scope, text: `${queueName(scope, name)} passes ${grouped(mark)}${end}` };
}
