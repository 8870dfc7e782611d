import { describe, expect, test } from '@jest/globals';
import { stepsOf } from '../../reports/index.ts';
import { lanesOf } from '../../reports/lanes.ts';
import { pageData } from '../../reports/page-data.ts';
import { chartsOf } from '../../reports/charts.ts';
import { niceWidth } from '../../reports/nice-width.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { ACKNOWLEDGED, heldRun, HEALED, SPLIT, staleRead, WRONG } from '../support/register-result.ts';

const { result, rows } = staleRead();

describe('what happened', () => {
  test('the story of a stale read is the split, the new primary, the write, the answer, the violation and the heal', () => {
    expect(stepsOf(result).map(({ number, at, text }) => `${number} ${at} ${text}`)).toEqual([
      `1 ${SPLIT} F1: partition {n1,c2} | {n2,c1}`,
      '2 3000 n2 becomes primary while n1 still is',
      `3 ${ACKNOWLEDGED} n2 acknowledges write x = new to c1`,
      '4 5100 n1 answers read x with old',
      `5 ${WRONG} c2 gets old for read x from n1, which violates “linearizable”`,
      `6 ${HEALED} The last fault has healed`,
    ]);
  });

  test('each step names its row of the trace, so that it can be jumped to', () => {
    expect(
      stepsOf(result)
        .slice(0, 5)
        .map((step) => step.row),
    ).toEqual([rows.split, rows.elected, rows.acknowledged, rows.answer, rows.wrong]);
  });

  test('a fault that had no effect is not part of the story', () => {
    expect(
      stepsOf(result)
        .map((step) => step.text)
        .join('\n'),
    ).not.toContain('crash');
  });

  test('without a trace the faults and the operations are still told', () => {
    const { trace: _trace, ...bare } = result;
    const steps = stepsOf(bare);
    expect(steps.map((step) => step.kind)).toEqual(['fault', 'operation', 'violation', 'heal']);
    expect(steps.every((step) => step.row === 0)).toBe(true);
  });

  test('a run that held tells its faults, its changes of role and its end', () => {
    expect(stepsOf(heldRun()).map((step) => step.kind)).toEqual(['fault', 'phase', 'heal', 'end']);
  });

  test('never more than seven steps are told, in the order of time', () => {
    const faults = Array.from({ length: 20 }, (_, i) => ({
      id: `F${i}`,
      text: `fault ${i}`,
      at: i * 100,
      nodes: ['n1'],
      effects: 1,
      struck: [],
    }));
    const operations = Array.from({ length: 20 }, (_, id): Operation => ({
      ...(result.operations[0] as Operation),
      id,
      completedAt: 1_000 + id,
    }));
    const verdicts = result.verdicts.map((verdict) =>
      verdict.witness === undefined
        ? verdict
        : { ...verdict, witness: { ...verdict.witness, operations: operations.map((op) => op.id) } },
    );
    const steps = stepsOf({ ...result, faults, operations, verdicts });
    expect(steps.length).toBe(7);
    expect(steps.map((step) => step.at)).toEqual(steps.map((step) => step.at).toSorted((a, b) => a - b));
  });
});

describe('what the diagram opens with', () => {
  test('lanes stand by side of the partition, servers before clients', () => {
    expect(lanesOf(result, stepsOf(result), WRONG).map((lane) => lane.node)).toEqual(['n1', 'n2', 'c2', 'c1']);
  });

  test('the first window holds the violation and the steps that led to it', () => {
    const { opening, failedAt } = pageData(result);
    expect(failedAt).toBe(WRONG);
    expect(opening[0]).toBeLessThan(SPLIT);
    expect(opening[1]).toBeGreaterThan(WRONG);
  });

  test('the chains of the told operations are drawn strong, each back to its invocation', () => {
    const { highlighted } = pageData(result);
    expect(highlighted).toContain(rows.wrong);
    expect(highlighted).toContain(rows.acknowledged);
    expect(highlighted).not.toContain(rows.split);
  });

  test('of too many nodes those that matter are kept, and the others counted', () => {
    const crowd = Array.from({ length: 300 }, (_, i) => ({
      ...(result.nodes[0] as (typeof result.nodes)[number]),
      id: `m${i}`,
    }));
    const { lanes, lanesOmitted } = pageData({ ...result, nodes: [...crowd, ...result.nodes] });
    expect(lanes.map((lane) => lane.node)).toEqual(expect.arrayContaining(['n1', 'n2', 'c1', 'c2']));
    expect(lanes.length + lanesOmitted).toBe(304);
    expect(lanes.length).toBe(48);
  });
});

/** Below this many operations a bucket gives no percentiles. */
const ENOUGH_OPERATIONS = 200;

describe('charts', () => {
  const many = (count: number, end: number): Operation[] =>
    Array.from({ length: count }, (_, id): Operation => {
      const completedAt = Math.floor((id * end) / count);
      return { ...(result.operations[0] as Operation), id, invokedAt: Math.max(0, completedAt - 1_000), completedAt };
    });

  test('a bucket with fewer than 200 operations gives points, not percentiles', () => {
    const { latency } = chartsOf({ ...result, operations: many(ENOUGH_OPERATIONS - 1, 10_000) });
    expect(latency.p50.every((value) => value === null)).toBe(true);
    expect(latency.points.length).toBe(ENOUGH_OPERATIONS - 1);
  });

  test('a busy run gives percentiles in every full bucket', () => {
    const { latency } = chartsOf({ ...result, operations: many(20_000, 10_000) });
    expect(latency.p99.filter((value) => value !== null).length).toBeGreaterThanOrEqual(8);
    expect(latency.points.length + latency.pointsOmitted).toBeLessThan(ENOUGH_OPERATIONS);
  });

  test('rates count every operation once', () => {
    const { rate } = chartsOf({ ...result, operations: many(1_000, 10_000) });
    const sum = rate.good.reduce((total, perSecond) => total + (perSecond * rate.bucketUs) / 1e6, 0);
    expect(Math.round(sum)).toBe(1_000);
  });

  test('bucket widths are 1, 2 or 5 times a power of ten, and no narrower than asked', () => {
    expect([1, 3, 5, 6, 99, 1_001].map(niceWidth)).toEqual([1, 5, 5, 10, 100, 2_000]);
  });
});
