import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bentAxis } from '../../reports/bent-axis.ts';
import { chartsOf } from '../../reports/charts.ts';
import { headline } from '../../reports/headline.ts';
import { operationsSection } from '../../reports/html/operations-section.ts';
import { statesPart } from '../../reports/html/states-part.ts';
import { markdownReport } from '../../reports/index.ts';
import { html } from '../../reports/markup.ts';
import { operationStories, type OperationStory } from '../../reports/operation-story.ts';
import { clockLines, instantField, ownClock } from '../../reports/own-clock.ts';
import { stateStrips } from '../../reports/state-strips.ts';
import { scenarios } from '../../scenarios/index.ts';
import { Metrics, run, type RunResult, type Scenario } from '../../sim/index.ts';
import { NodeClock } from '../../sim/world/node-clock.ts';
import { heldRun, staleRead } from '../support/register-result.ts';

const runs = new Map<string, RunResult>();
/** The bundled scenario's own run; each is made once. */
function recorded(name: string, record = true): RunResult {
  const scenario = scenarios.find((one) => one.name === name) as Scenario;
  const result = runs.get(name) ?? run(scenario, { seed: scenario.seed, record });
  runs.set(name, result);
  return result;
}
const storiesOf = (result: RunResult): readonly OperationStory[] => operationStories(result, headline(result).verdict);
const lines = ({ lines: told }: OperationStory): Readonly<Record<string, string>> => Object.fromEntries(told);

describe('clients’ operations', () => {
  test('a history is legal up to the first operation that cannot come next, in an order that can have been', () => {
    const [story] = storiesOf(recorded('stale-read')) as [OperationStory];
    const illegal = story.bars.filter(({ standing }) => standing === 'illegal');
    expect(illegal.map(({ op }) => [op.client, op.f, op.output])).toEqual([['c2', 'read', 'c1.49']]);
    expect(lines(story)['because']).toBe('x could only be c1.51 there, not c1.49');
    expect(lines(story)['legal so far']).toMatch(/^158 operations on x that ended before/);
    const placed = story.bars.filter(({ place }) => place !== undefined).sort((a, b) => a.place! - b.place!);
    expect(placed.length).toBeGreaterThan(20);
    let value: unknown;
    for (const [i, { op, point }] of placed.entries()) {
      expect(point).toBeGreaterThanOrEqual(Math.max(op.invokedAt, placed[i - 1]?.point ?? 0));
      expect(point).toBeLessThanOrEqual(op.completedAt);
      if (op.f === 'write') value = op.input;
      else if (value !== undefined) expect(op.output).toBe(value);
    }
  });

  test('of a limit, what is one more than allowed when it ends is one too many', () => {
    const result = recorded('limiter-fail-open', false);
    const [story] = storiesOf(result) as [OperationStory];
    const ids = new Set(headline(result).verdict?.witness?.operations);
    const byEnd = result.operations.filter(({ id }) => ids.has(id)).toSorted((a, b) => a.completed - b.completed);
    expect(story.bars.find(({ standing }) => standing === 'illegal')?.op).toBe(byEnd[100]);
    const others = story.bars.filter(({ standing }) => standing !== 'illegal');
    for (const { op, standing } of others) expect(standing).toBe(byEnd.indexOf(op) < 100 ? 'legal' : 'evidence');
    expect(story.bars.length + story.omitted).toBe(byEnd.length);
    expect(story.words).toMatchObject({ illegal: 'one too many', evidence: 'beyond the limit' });
  });

  test('what was acknowledged and lost is called that, and every violated history is told', () => {
    const stories = storiesOf(recorded('canary', false));
    expect(stories.map(({ check }) => check)).toEqual(['no acknowledged write is lost', 'linearizable register']);
    expect(stories[0]?.words.illegal).toBe('acknowledged, and lost');
    expect(stories[0]?.bars.every(({ standing }) => standing === 'illegal')).toBe(true);
    expect(lines(stories[0]!)['acknowledged']).toBe('305 operations; 15 of them left no trace at the end');
  });

  test('a check of states is told with what clients were doing then; a run that held, and a service level, with nothing', () => {
    const result = recorded('lease-drift');
    const [story] = storiesOf(result) as [OperationStory];
    const { at } = headline(result);
    expect(story.bars.map(({ standing }) => standing)).toEqual(story.bars.map(() => 'beside'));
    expect(story.bars.some(({ op }) => op.invokedAt <= at! && op.completedAt >= at!)).toBe(true);
    expect(operationsSection(heldRun())).toBe('');
    const { result: failed } = staleRead();
    const verdicts = failed.verdicts.map((verdict) => ({
      ...verdict,
      kind: 'slo' as const,
      witness: { sentence: 'slow', at: 1, operations: [] },
    }));
    expect(storiesOf({ ...failed, verdicts })).toEqual([]);
  });

  test('each bar is a link to the end of its operation, where that was recorded', () => {
    const result = recorded('stale-read');
    const trace = result.trace!;
    const page = html`${operationsSection(result)}`.text;
    const links = [...page.matchAll(/<a class="op (\w+)" href="#e=(\d+)">\s*<title>([^<]*)/g)];
    expect(links.length).toBe(storiesOf(result).reduce((sum, { bars }) => sum + bars.length, 0));
    const [, , row, title] = links.find(([, standing]) => standing === 'illegal')!;
    expect(title).toBe('c2 read x → c1.49, 3.1693 s to 3.1697 s (cannot come next)');
    expect(trace.kinds[trace.kind[Number(row) - 1]!]).toBe('complete');
    expect(html`${operationsSection({ ...result, trace: undefined as never })}`.text).not.toContain('<a class="op');
  });

  test('the Markdown says it in the same words', () => {
    const markdown = markdownReport({ result: recorded('stale-read'), replayCommand: 'x' });
    expect(markdown).toContain('- cannot come next: c2 read x → c1.49, 3.1693 s to 3.1697 s');
    expect(markdown).toContain('- because: x could only be c1.51 there, not c1.49');
  });

  test('hostile names stay text', () => {
    const evil = (name: string): string => `${name}</text><script>alert(1)</script>"'\u202e`;
    const page = html`${operationsSection(staleRead(evil).result)}`.text;
    expect(page).not.toContain('<script');
    expect(page).not.toContain('\u202e');
    expect(page).toContain('&lt;script&gt;');
  });
});

describe('an axis for a few operations', () => {
  test('keeps the order of all instants, between its ends', () => {
    const instants = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(instants, fc.array(fc.integer({ min: 0, max: 1e9 })), (marks, asked) => {
        const axis = bentAxis(marks);
        const places = [...marks, ...asked].sort((a, b) => a - b).map((at) => axis.place(at));
        expect(places.every((place, i) => place >= 0 && place <= 1 && place >= (places[i - 1] ?? 0) - 1e-12)).toBe(
          true,
        );
        expect(axis.place(Math.min(...marks))).toBe(0);
      }),
    );
  });

  test('is bent for few instants, and true to scale for many', () => {
    expect(bentAxis([0, 100, 10_000]).place(100)).toBeGreaterThan(0.05);
    const many = Array.from({ length: 200 }, (_, i) => i * i);
    const end = many.at(-1)!;
    for (const at of [1, 77, 5_000]) expect(bentAxis(many).place(at)).toBeCloseTo(at / end, 9);
  });
});

describe('named states over time', () => {
  const clock = { now: 0 };
  const at = (now: number, act: () => void): void => {
    clock.now = now;
    act();
  };

  test('marks are told with the share of each state, and the gravest of a moment is seen', () => {
    clock.now = 0;
    const metrics = new Metrics(clock);
    const breaker = metrics.mark('n1', 'breaker');
    at(0, () => breaker.set('closed'));
    at(400_000, () => breaker.set('open'));
    at(400_100, () => breaker.set('half-open'));
    at(500_000, () => breaker.set('closed'));
    const { strips, omitted } = stateStrips(metrics.toJSON(), 1_000_000);
    expect(omitted).toBe(0);
    expect(strips.map(({ name }) => name)).toEqual(['n1 breaker']);
    const { spans, shares, remark } = strips[0]!;
    expect(remark).toBe('');
    expect(shares.map(({ state }) => state)).toEqual(['closed', 'half-open', 'open']);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(spans).toEqual([
      { from: 0, to: 400_000, state: 'closed' },
      { from: 400_000, to: 402_000, state: 'open' },
      { from: 402_000, to: 500_000, state: 'half-open' },
      { from: 500_000, to: 1_000_000, state: 'closed' },
    ]);
  });

  test('gates are told by what they count, unless they mark it themselves', () => {
    clock.now = 0;
    const metrics = new Metrics(clock);
    const count = (scope: string, name: string): void => metrics.counter(scope, name, { series: true }).add();
    for (let now = 0; now < 1_000_000; now += 5_000)
      at(now, () => {
        count('g1', 'admitted');
        if (now >= 200_000 && now < 300_000) count('g1', 'limited');
        if (now >= 250_000 && now < 400_000) count('g1', 'failed-open');
        if (now >= 900_000) count('shop', 'shedder refused');
        if (now >= 900_000) count('shop', 'breaker refused');
      });
    at(0, () => metrics.mark('shop', 'breaker').set('closed'));
    const { strips } = stateStrips(metrics.toJSON(), 1_000_000);
    expect(strips.map(({ name }) => name)).toEqual(['shop breaker', 'g1 gate', 'shop shedder']);
    expect(strips[1]?.spans.map(({ state }) => state)).toEqual(['passing', 'limiting', 'failing open', 'passing']);
    expect(strips[1]?.spans[2]).toEqual({ from: 250_000, to: 400_000, state: 'failing open' });
    expect(strips[2]?.shares).toEqual([
      { state: 'passing', share: 0.9 },
      { state: 'refusing', share: 0.1 },
    ]);
  });

  test('they stand in the page with the faults behind them, and hostile states stay text', () => {
    const { result } = staleRead();
    clock.now = 0;
    const metrics = new Metrics(clock);
    metrics.mark('n1', 'breaker').set('<b>open</b>');
    const page = html`${statesPart({ ...result, metrics: metrics.toJSON() })}`.text;
    expect(page).toContain('&lt;b&gt;open&lt;/b&gt;');
    expect(page).not.toContain('<b>');
    expect(page.match(/class="band hue-fill-/g)).toHaveLength(1);
    expect(statesPart(result)).toBe('');
  });

  test('the outage of a store is seen as the gates failing open', () => {
    const { strips } = stateStrips(recorded('limiter-fail-open', false).metrics, 15_000_000);
    for (const { spans } of strips) {
      const open = spans.filter(({ state }) => state === 'failing open');
      expect(open[0]?.from).toBeGreaterThan(3_800_000);
      expect(open.at(-1)?.to).toBeLessThan(7_300_000);
    }
    expect(strips.map(({ name }) => name)).toEqual(['g1 gate', 'g2 gate', 'g3 gate', 'g4 gate']);
  });
});

test('levels with a capacity are told as shares of it, by their mean', () => {
  const clock = { now: 0 };
  const metrics = new Metrics(clock);
  const busy = metrics.gauge('db', 'cpu.busy', { series: true, capacity: 4 });
  busy.set(4);
  clock.now = 2_500;
  busy.set(0);
  clock.now = 10_000;
  const { levels } = chartsOf({ ...staleRead().result, metrics: metrics.toJSON() });
  expect(levels.map(({ title, share, series }) => [title, share, series])).toEqual([
    ['Utilisation', true, [{ name: 'db cpu', bucketUs: 10_000, values: [0.25] }]],
  ]);
});

describe('a node’s own clock', () => {
  const bend = fc.oneof(
    fc.record({ what: fc.constant('drift' as const), by: fc.integer({ min: -900_000, max: 900_000 }) }),
    fc.record({ what: fc.constant('step' as const), by: fc.integer({ min: -5_000_000, max: 5_000_000 }) }),
    fc.record({ what: fc.constant('mislead' as const), by: fc.integer({ min: -1_000, max: 1_000 }) }),
    fc.record({ what: fc.constant('freeze' as const), by: fc.constant(0) }),
  );

  test('is told from its turns as it read at every instant', () => {
    const acts = fc.array(fc.tuple(bend, fc.integer({ min: 1, max: 3_000_000 })), { maxLength: 12 });
    fc.assert(
      fc.property(acts, fc.constantFrom(0, 250), fc.constantFrom(0, -7_000), (steps, driftPpm, offset) => {
        const virtual = { now: 0 };
        const clock = new NodeClock(virtual, { driftPpm, offset }, true);
        const readings: [number, number, number][] = [];
        for (const [{ what, by }, wait] of steps) {
          if (what === 'drift') clock.addDrift(by);
          else if (what === 'step') clock.step(by);
          else if (what === 'mislead') clock.mislead(by);
          else clock.freeze('monotonic');
          virtual.now += wait;
          readings.push([virtual.now, clock.monotonic, clock.wall]);
          virtual.now++;
        }
        for (const [at, monotonic, wall] of readings) {
          const told = ownClock(clock.turns, at);
          // A turn keeps whole readings: less than a microsecond is lost at each.
          expect(Math.abs(told.monotonic - monotonic)).toBeLessThanOrEqual(1);
          expect(Math.abs(told.wall - wall)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('keeps its turns only where a run is recorded, and stays within bounds', () => {
    const virtual = { now: 0 };
    expect(new NodeClock(virtual, { driftPpm: 5 }).turns).toBeUndefined();
    const clock = new NodeClock(virtual, {}, true);
    expect(clock.turns).toEqual([]);
    for (let i = 0; i < 10_000; i++) {
      virtual.now += 10;
      clock.step(1);
    }
    expect(clock.turns!.length).toBeLessThanOrEqual(2_048);
    expect(ownClock(clock.turns, virtual.now).wall).toBe(clock.wall);
  });

  test('a lease is told by the clock of who holds it', () => {
    const result = recorded('lease-drift');
    const clock = result.nodes.find(({ id }) => id === 'h1')?.clock;
    const at = headline(result).at!;
    const own = ownClock(clock, at);
    expect(clockLines(own, at)).toEqual([['its clock', '3.6037 s, 687.3 ms behind, runs ×0.7']]);
    expect(instantField('validUntil', '3832872', own)).toBe('3.8329 s, 229.1 ms left by its clock');
    expect(instantField('validUntil', '3000000', own)).toBe('3.0000 s, over for 603.7 ms by its clock');
    expect(instantField('heardAt', '3000000', own)).toBe('3.0000 s');
    expect(instantField('term', '3000000', own)).toBeUndefined();
    expect(instantField('validUntil', '0', own)).toBeUndefined();
    expect(result.nodes.find(({ id }) => id === 'h2')?.clock).toBeUndefined();
    expect(clockLines(ownClock(undefined, at), at)).toEqual([]);
  });
});
