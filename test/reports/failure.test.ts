import { describe, expect, test } from '@jest/globals';
import { htmlReport, markdownReport, stepsOf, textReport, worthRecording } from '../../reports/index.ts';
import { chartsOf } from '../../reports/charts.ts';
import { headline } from '../../reports/headline.ts';
import { lanesOf } from '../../reports/lanes.ts';
import { pageData } from '../../reports/page-data.ts';
import type { Verdict } from '../../sim/check/verdict.ts';
import type { FaultOutcome, RunResult } from '../../sim/result.ts';
import type { TraceData } from '../../sim/trace/trace.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { ACKNOWLEDGED, HEALED, SPLIT, staleRead, WRONG } from '../support/register-result.ts';

const { result } = staleRead();
const trace = result.trace as TraceData;
const options = { assets: { script: '', style: '' }, replayCommand: 'orrery run' };
const END = result.engine.reached;

const CRASHED = 7_000;
const crash: FaultOutcome = { id: 'F2', text: 'crash n2', at: CRASHED, nodes: ['n2'], effects: 1 };

const lossVerdict: Verdict = {
  check: 'no acknowledged write is lost',
  kind: 'history',
  status: 'violated',
  message: 'a write is gone',
  witness: { sentence: 'a write is gone', at: ACKNOWLEDGED, operations: [0], facts: { lost: 1 } },
};

/** The write that n2 acknowledged is gone; `then` tells what became of n2, by time. */
function lossRun(then: readonly (readonly ['phase' | 'crash', number, string])[], faults = result.faults): RunResult {
  const recorded = new Trace();
  recorded.add('phase', 0, 1, -1, 'primary', 0);
  for (const [kind, at, label] of then) recorded.add(kind, at, 1, -1, label, 0);
  return { ...result, verdicts: [lossVerdict], faults, trace: recorded.toData(trace.nodes, {}, END) };
}

const CRASH_RUN = lossRun([['crash', CRASHED, 'n2']], [result.faults[0] as FaultOutcome, crash]);

describe('a loss', () => {
  test('has two instants: the acknowledgement, and the crash after it of the node that acknowledged', () => {
    const { at, acknowledged, loss } = headline(CRASH_RUN);
    expect([acknowledged?.completedAt, loss?.at, loss?.fault, at]).toEqual([ACKNOWLEDGED, CRASHED, 'F2', CRASHED]);
    const told = stepsOf(CRASH_RUN).map(({ at, kind, text }) => `${at} ${kind} ${text}`);
    expect(told).toContain(`${ACKNOWLEDGED} operation n2 acknowledges write x = new to c1`);
    expect(told).toContain(
      `${CRASHED} violation F2: crash n2: what n2 had not synced is gone, write x = new among it: “no acknowledged write is lost” is violated`,
    );
  });

  test('is told the same without a trace, from the faults alone', () => {
    const { trace: _trace, ...bare } = CRASH_RUN;
    expect(headline(bare).loss).toEqual({ ...headline(CRASH_RUN).loss, row: 0 });
    const text = textReport([{ result: bare, replayCommand: 'x' }]);
    expect(text).toContain('acknowledged at 0.0043 s, lost at 0.0070 s');
  });

  test('by a primary that steps down is told of that primary', () => {
    const { loss } = headline(lossRun([['phase', HEALED, 'backup']]));
    expect([loss?.at, loss?.fault]).toEqual([HEALED, undefined]);
    expect(loss?.text).toContain('n2 becomes backup (was primary)');
  });

  test('a crash before the acknowledgement is no cause of it', () => {
    expect(headline(lossRun([['crash', SPLIT, 'n2']], [{ ...crash, at: SPLIT }])).loss).toBeUndefined();
  });

  test('when nobody knows what lost it the acknowledgement is the violation, and the loss is open until the end', () => {
    const run = lossRun([]);
    expect(stepsOf(run).find((step) => step.kind === 'violation')?.text).toContain('and at the end it is gone');
    expect(markdownReport({ result: run, replayCommand: 'x' })).toContain('- gone: by the end of the run');
  });

  test('the faults table marks the fault that lost it and those in force since the acknowledgement', () => {
    const page = htmlReport(CRASH_RUN, options);
    expect(page).toContain('Faults: 2 of 2 in force from acknowledgement to loss');
    expect(page.match(/<strong>lost it<\/strong>/g)?.length).toBe(1);
    const table = markdownReport({ result: CRASH_RUN, replayCommand: 'x' });
    expect(table).toMatch(/\| F2 .*\| lost it \|/);
    expect(table).toMatch(/\| F1 .*\| in force \|/);
  });
});

describe('the headline', () => {
  const verdict = (check: string, at: number): Verdict => ({
    ...lossVerdict,
    check,
    witness: { sentence: check, at, operations: [] },
  });
  const verdicts = [verdict('late', 900), verdict('early', 100), verdict('wanted', 500)];

  test('is the check that the scenario expects to be violated, of several the one named first', () => {
    const expectation = { text: 'violates other, wanted', met: true, why: '' };
    expect(headline({ ...result, verdicts, expectation }).verdict?.check).toBe('wanted');
    const both = { ...expectation, text: 'violates late, early' };
    expect(headline({ ...result, verdicts, expectation: both }).verdict?.check).toBe('late');
  });

  test('is the earliest violation when none is expected', () => {
    expect(headline({ ...result, verdicts }).verdict?.check).toBe('early');
  });
});

describe('a run that is recorded in part', () => {
  const partly: RunResult = { ...result, trace: { ...trace, from: 2_500, to: 5_150 } };

  test('says so loudly instead of claiming that nothing is missing', () => {
    const page = htmlReport(partly, options);
    expect(page).toContain('<strong>Only a window was recorded:</strong> 0.0025 s to 0.0052 s of');
    expect(page).toContain('<strong>Only a window was recorded</strong>: 2.65 ms of');
    expect(page).not.toContain('Nothing was truncated');
    expect(markdownReport({ result: partly, replayCommand: 'x' })).toContain('**Only this window was recorded.**');
  });

  test('steps outside the window lead to no row, and the page knows the window', () => {
    const rows = new Map(stepsOf(partly).map((step) => [step.at, step.row]));
    expect([rows.get(SPLIT), rows.get(WRONG), rows.get(HEALED)]).toEqual([0, 0, 0]);
    expect(rows.get(ACKNOWLEDGED)).toBeGreaterThan(0);
    const { recorded, opening } = pageData(partly);
    expect(recorded).toEqual([2_500, 5_150]);
    expect(opening[0]).toBeLessThan(5_150);
    expect(opening[1]).toBeGreaterThan(2_500);
  });

  test('a service level is recorded from its trigger on, a contradiction up to it, a loss from its acknowledgement on', () => {
    const slo: Verdict = { ...lossVerdict, kind: 'slo', witness: { sentence: '', at: 9_500, operations: [] } };
    const ofService = worthRecording({ ...result, verdicts: [slo] }, 1_000);
    expect(ofService.from).toBeLessThanOrEqual(SPLIT);
    expect(ofService.to).toBeGreaterThan(SPLIT + 800);
    const ofRead = worthRecording(result, 1_000);
    expect(ofRead.from).toBeLessThan(WRONG - 500);
    expect(ofRead.to).toBeGreaterThan(WRONG);
    const ofLoss = worthRecording(CRASH_RUN, 1_000);
    expect(ofLoss.from).toBeLessThan(ACKNOWLEDGED);
    expect(ofLoss.to).toBeGreaterThan(CRASHED);
  });
});

/** A gauge sampled once a millisecond. */
const gauge = (name: string, levels: readonly number[]): RunResult['metrics']['gauges'][number] => ({
  scope: 'n1',
  name,
  value: levels.at(-1) ?? 0,
  mean: 0,
  min: 0,
  max: Math.max(...levels),
  series: { mode: 'level', bucketUs: 1_000, values: levels, max: levels },
});

describe('a failed service level', () => {
  const slo: Verdict = { ...lossVerdict, kind: 'slo', witness: { sentence: 'slow', at: 9_500, operations: [] } };
  const told = (levels: readonly number[]): readonly string[] =>
    stepsOf({ ...result, verdicts: [slo], metrics: { ...result.metrics, gauges: [gauge('cpu.queue', levels)] } }).map(
      ({ at, text }) => `${at} ${text}`,
    );

  test('is told with the queue that outgrew everything before and does not drain', () => {
    expect(told([1, 2, 3, 40, 200, 900, 2_000, 3_000, 4_000, 5_000])).toContain(
      "4000 n1's CPU queue passes 100 and does not drain",
    );
  });

  test('a queue that was as long before the faults is not news', () => {
    expect(told([900, 2, 3, 40, 200, 900, 900, 900, 900, 900]).join('\n')).not.toContain('queue');
  });

  test('a queue that drains is not said to stay', () => {
    expect(told([1, 2, 3, 40, 200, 900, 2_000, 300, 4, 0]).join('\n')).toContain('on its way to 2,000');
  });
});

describe('what is left out of the story', () => {
  test('being busy or idle is no step', () => {
    const recorded = new Trace();
    for (const [at, phase] of [
      [0, 'idle'],
      [3_000, 'serving'],
      [4_000, 'idle'],
      [5_000, 'waiting'],
    ] as const)
      recorded.add('phase', at, 0, -1, phase, 0);
    const steps = stepsOf({ ...result, trace: recorded.toData(trace.nodes, {}, END) });
    expect(steps.filter((step) => step.kind === 'phase')).toEqual([]);
  });

  test('faults that are not told are counted', () => {
    const faults = Array.from({ length: 9 }, (_, i) => ({ ...crash, id: `F${i}`, text: `crash ${i}`, at: i * 100 }));
    const steps = stepsOf({ ...result, faults });
    const shown = steps.filter((step) => step.kind === 'fault');
    expect(shown.at(-1)?.text).toContain(`, and ${9 - shown.length} other faults`);
  });
});

describe('what stays the same from run to run', () => {
  test('lanes stand in the order of names, n2 before n10', () => {
    const nodes = ['n10', 'n2', 'n1'].map((id) => ({ ...(result.nodes[0] as (typeof result.nodes)[number]), id }));
    expect(lanesOf({ ...result, nodes, faults: [] }, [], 0).map((lane) => lane.node)).toEqual(['n1', 'n2', 'n10']);
  });

  test('levels of different units stand on different charts', () => {
    const gauges = [gauge('cpu.queue', [5]), gauge('cpu.busy', [4]), gauge('sessions', [3])];
    const { levels } = chartsOf({ ...result, metrics: { ...result.metrics, gauges } });
    expect(levels.map(({ title, series }) => [title, series.length])).toEqual([
      ['Queues', 1],
      ['Busy', 1],
      ['Other levels', 1],
    ]);
  });

  test('parameters that are durations are shown as durations', () => {
    const params = { faultFor: 3_000_000, rate: 3_000_000 };
    const page = htmlReport({ ...result, params, durations: ['faultFor'] }, options);
    expect(page).toContain('<bdi>3 s</bdi>');
    expect(page).toContain('<bdi>3000000</bdi>');
  });
});
