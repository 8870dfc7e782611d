import { describe, expect, test } from '@jest/globals';
import { parseSchedule, run, type RunResult } from '../../sim/index.ts';
import { chromeTrace, metricsCsv, otlpSpans, shivizLog } from '../../reports/index.ts';
import splitBrain from '../../scenarios/split-brain.ts';
import retryStorm from '../../scenarios/retry-storm.ts';
import { toyScenario } from '../support/toy-scenario.ts';

const recorded = run(splitBrain, {
  seed: 'split-brain',
  params: { think: '20ms' },
  record: { from: 4_900_000, to: 5_600_000 },
});
const toy = run(toyScenario, { seed: 'toy', record: true });
const countOf = (result: RunResult, kind: string): number => {
  const { trace } = result;
  const number = trace?.kinds.indexOf(kind);
  return trace?.kind.filter((one) => one === number).length ?? 0;
};

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
}

describe("Chrome's trace events", () => {
  const eventsOf = (result: RunResult): TraceEvent[] =>
    (JSON.parse(chromeTrace(result)) as { traceEvents: TraceEvent[] }).traceEvents;

  test('have an arrow from every sending to its arrival, never backwards in time', () => {
    const events = eventsOf(toy);
    const starts = new Map(events.filter(({ ph }) => ph === 's').map((event) => [event.id, event]));
    const ends = events.filter(({ ph }) => ph === 'f');
    expect(starts.size).toBe(countOf(toy, 'send'));
    expect(ends.length).toBe(countOf(toy, 'deliver'));
    for (const end of ends) expect(end.ts).toBeGreaterThanOrEqual(starts.get(end.id)?.ts ?? Infinity);
  });

  test('begin and end every operation once, in this order', () => {
    const events = eventsOf(toy);
    const [begun, ended] = ['b', 'e'].map(
      (ph) => new Map(events.filter((one) => one.ph === ph).map((one) => [one.id, one])),
    );
    expect(begun?.size).toBe(toy.operations.length);
    for (const [id, { ts }] of begun ?? []) expect(ended?.get(id)?.ts).toBeGreaterThanOrEqual(ts);
  });

  test('show when a node had crashed, and the fault that did it', () => {
    const events = eventsOf(toy);
    const down = events.find(({ name, ph }) => name === 'crashed' && ph === 'X');
    expect([down?.ts, down?.dur]).toEqual([3_000_000, 1_000_000]);
    expect(events.some(({ name, ph, ts }) => name.startsWith('F1 crash') && ph === 'X' && ts === 3_000_000)).toBe(true);
  });

  test('keep slices of one track apart or nested, as the format demands', () => {
    const tracks = new Map<string, TraceEvent[]>();
    for (const event of eventsOf(recorded).filter(({ ph }) => ph === 'X')) {
      const key = `${event.pid}/${event.tid}`;
      tracks.set(key, [...(tracks.get(key) ?? []), event]);
    }
    for (const events of tracks.values()) {
      for (const [i, event] of events.entries()) expect(event.ts).toBeGreaterThanOrEqual(events[i - 1]?.ts ?? 0);
    }
  });
});

describe('a log for ShiViz', () => {
  const entries = [...shivizLog(recorded).matchAll(/(?<host>\S*) (?<clock>{.*})\n(?<event>.*)/g)].map(({ groups }) => ({
    host: groups?.['host'] ?? '',
    clock: JSON.parse(groups?.['clock'] ?? '{}') as Record<string, number>,
    event: groups?.['event'] ?? '',
  }));

  test('is read whole by the parser that ShiViz has by default', () => {
    expect(entries.length * 2).toBe(shivizLog(recorded).trimEnd().split('\n').length);
    expect(entries.length).toBeGreaterThan(500);
  });

  test('counts each host in its own entry by one at a time, and knows of no event that has not happened', () => {
    const seen = new Map<string, number>();
    for (const { host, clock } of entries) {
      expect(clock[host]).toBe((seen.get(host) ?? 0) + 1);
      seen.set(host, clock[host] as number);
      for (const [other, count] of Object.entries(clock)) expect(count).toBeLessThanOrEqual(seen.get(other) ?? 0);
    }
  });

  test('hands on what the sender knew', () => {
    const sent = entries.findIndex(({ host, event }) => host === 'n1' && / send append to n2/.test(event));
    const arrived = entries
      .slice(sent)
      .find(({ host, event }) => host === 'n2' && / deliver append from n1/.test(event));
    expect(arrived?.clock['n1']).toBeGreaterThanOrEqual(entries[sent]?.clock['n1'] ?? Infinity);
  });
});

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
}

describe('OpenTelemetry spans', () => {
  const spansOf = (result: RunResult): Span[] =>
    (JSON.parse(otlpSpans(result)) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
      ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
    );

  test('are one for each operation and message, with ids of their own', () => {
    const spans = spansOf(toy);
    expect(spans.length).toBe(toy.operations.length + countOf(toy, 'send'));
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    for (const { traceId, spanId } of spans) expect([traceId.length, spanId.length]).toEqual([32, 16]);
  });

  test('put the messages of an operation under it, from request to reply', () => {
    const spans = spansOf(toy);
    const operation = spans.find(({ name }) => name.startsWith('add total'));
    const family = spans.filter(({ traceId }) => traceId === operation?.traceId);
    expect(family.length).toBe(3);
    const request = family.find(({ parentSpanId }) => parentSpanId === operation?.spanId);
    expect(family.some(({ parentSpanId }) => parentSpanId === request?.spanId)).toBe(true);
  });

  test('never end before they begin, nor begin before their parent', () => {
    const spans = spansOf(recorded);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const { startTimeUnixNano: start, endTimeUnixNano: end, parentSpanId } of spans) {
      expect(BigInt(end)).toBeGreaterThanOrEqual(BigInt(start));
      const parent = byId.get(parentSpanId ?? '');
      if (parent !== undefined) expect(BigInt(start)).toBeGreaterThanOrEqual(BigInt(parent.startTimeUnixNano));
    }
  });

  test('say what was dropped and why', () => {
    expect(spansOf(recorded).some(({ status }) => status.code === 2 && status.message === 'dropped: partition')).toBe(
      true,
    );
  });
});

describe('measurements as CSV', () => {
  test('have a line for each figure, with the whole’s total and its series', () => {
    const result = run(retryStorm, { seed: 'retry-storm' });
    const lines = metricsCsv([result]).split('\r\n');
    expect(lines[0]).toBe('scenario,seed,scope,name,kind,statistic,at_us,value');
    expect(lines.at(-1)).toBe('');
    for (const line of lines.slice(1, -1)) expect(line.split(',').length).toBe(8);
    const { counters, histograms } = result.metrics;
    const [counter, histogram] = [counters.find(({ series }) => series !== undefined), histograms[0]];
    const own = lines.filter((line) =>
      line.startsWith(`retry-storm,retry-storm,${counter?.scope},${counter?.name},counter,`),
    );
    const series = own.filter((line) => line.includes(',sum,')).map((line) => Number(line.split(',')[7]));
    expect(own[0]).toMatch(new RegExp(`,total,,${counter?.value}$`));
    expect(series.reduce((sum, n) => sum + n, 0)).toBeCloseTo(counter?.value ?? NaN, 6);
    expect(lines.some((line) => line.endsWith(`histogram,p99,,${histogram?.summary.p99}`))).toBe(true);
  });

  test('a mark has a line for each change', () => {
    const mark = {
      scope: 'n1',
      name: 'breaker',
      value: 'open',
      changes: [[0, 'closed'] as const, [70, 'open'] as const],
    };
    const lines = metricsCsv([{ ...toy, metrics: { counters: [], gauges: [], histograms: [], marks: [mark] } }]);
    expect(lines.split('\r\n').slice(1, 3)).toEqual([
      'toy,toy,n1,breaker,mark,state,0,closed',
      'toy,toy,n1,breaker,mark,state,70,open',
    ]);
  });

  test('quote what has commas, quotes and line breaks', () => {
    const [, line] = metricsCsv([
      {
        ...toy,
        scenario: 'a,"b"\nc',
        metrics: { counters: [{ scope: '', name: 'n', value: 1 }], gauges: [], histograms: [] },
      },
    ]).split('\r\n');
    expect(line).toBe('"a,""b""\nc",toy,,n,counter,total,,1');
  });
});

test('what needs a trace says so for a run that has none', () => {
  const fast = run(splitBrain, { seed: 'split-brain', faults: parseSchedule([]) });
  for (const exported of [chromeTrace, shivizLog, otlpSpans]) {
    expect(() => exported(fast)).toThrow(/result.*split-brain.*recorded/);
  }
});
