import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { causalPast } from '../../reports/causal-past.ts';
import {
  editableFields,
  editTexts,
  faultsOf,
  typed,
  withFaultField,
  withFaultSwitched,
  withWindow,
} from '../../reports/edits.ts';
import { firstDifference } from '../../reports/first-difference.ts';
import type { Plan } from '../../reports/plan.ts';
import { shortText } from '../../reports/short-text.ts';
import { StateHistory } from '../../reports/state-history.ts';
import { statesAt, trackOf } from '../../reports/page/engine/states-at.ts';
import { serve, type Port } from '../../reports/page/engine/serve.ts';
import type { Answer, Ask, AskName, Reply } from '../../reports/page/engine/messages.ts';
import { scenarios } from '../../scenarios/index.ts';
import { canonicalJson, reproOf, run, type RunResult, type Scenario, type TraceData } from '../../sim/index.ts';

const named = (name: string): Scenario => scenarios.find((scenario) => scenario.name === name) as Scenario;
const recorded = (name: string, from = 0): RunResult =>
  run(named(name), { seed: named(name).seed, record: from === 0 ? true : { from } });
const traceOf = (result: RunResult): TraceData => result.trace as TraceData;

describe('states from recorded changes', () => {
  test.each(['lease-drift', 'canary'])('%s: they are the states that the engine has at that instant', (name) => {
    const whole = traceOf(recorded(name));
    const history = new StateHistory(whole);
    const end = whole.at.at(-1) as number;
    for (const share of [0.2, 0.5, 0.9]) {
      const from = Math.floor(end * share);
      const { initial } = traceOf(recorded(name, from));
      const row = whole.at.filter((at) => at < from).length;
      for (const [i, node] of whole.nodes.entries())
        expect([node, canonicalJson(history.at(i, row))]).toEqual([node, canonicalJson(initial[node])]);
    }
  });

  test('they can be asked for in any order', () => {
    const trace = traceOf(recorded('lease-drift'));
    const rows = trace.at.length;
    const forwards = new StateHistory(trace);
    const anyhow = new StateHistory(trace);
    for (const row of [rows, 1, rows >> 1, 7, rows - 1])
      expect(canonicalJson(anyhow.at(0, row))).toBe(canonicalJson(forwards.at(0, row)));
  });

  test('a change says what was there before', () => {
    const trace = traceOf(recorded('lease-drift'));
    const history = new StateHistory(trace);
    const row = Number(Object.keys(trace.patches)[40]);
    const [change] = history.changes(row);
    if (change === undefined) throw new Error('no change');
    expect(canonicalJson(change.before)).not.toBe(canonicalJson(change.after));
    const { changes, changedBy } = statesAt(history, trace, { row, since: row - 1, nodes: trace.nodes });
    expect(changedBy).toBe(row);
    expect(changes[0]?.after).toBe(shortText(change.after));
  });

  test('a plain field can be followed over time', () => {
    const trace = traceOf(recorded('lease-drift'));
    const history = new StateHistory(trace);
    const { points } = trackOf(history, trace, 'h2', 'token');
    expect(points.length).toBeGreaterThan(2);
    for (const [i, [at, value]] of points.entries()) {
      const row = trace.at.filter((time) => time <= at).length;
      if ((points[i + 1]?.[0] ?? Infinity) > at)
        expect((history.at(trace.nodes.indexOf('h2'), row) as { token?: number } | undefined)?.token ?? null).toBe(
          value,
        );
    }
  });

  test('changes of maps, sets and lists are applied as immer means them', () => {
    const trace = traceOf(recorded('canary'));
    const patches = {
      1: [{ op: 'replace', path: [], value: { map: new Map([[3, 'a']]), set: new Set(['x']), list: [1, 2, 3] } }],
      2: [
        { op: 'add', path: ['map', 4], value: { n: 1 } },
        { op: 'remove', path: ['map', 3] },
        { op: 'add', path: ['set', 0], value: 'y' },
        { op: 'remove', path: ['set', 0], value: 'x' },
        { op: 'replace', path: ['list', 'length'], value: 1 },
        { op: 'add', path: ['list', 0], value: 9 },
        { op: 'replace', path: ['map', 4, 'n'], value: 2 },
      ],
    } as unknown as TraceData['patches'];
    const node = trace.node.map(() => 0);
    const state = new StateHistory({ ...trace, node, patches, initial: {} }).at(0, 2);
    expect(state).toEqual({ map: new Map([[4, { n: 2 }]]), set: new Set(['y']), list: [9, 1] });
  });

  test('long values are shown by their end', () => {
    expect(shortText([1, 2, 3, 4, 5, 6])).toBe('6 items: … 4, 5, 6');
    expect(shortText(new Set(['a', 'b', 'c', 'd', 'e']))).toBe('5 members: … "c", "d", "e"');
    expect(shortText('x'.repeat(1_000_000)).length).toBeLessThan(200);
    expect(shortText(undefined)).toBe('–');
  });
});

describe('the causal past', () => {
  test('it is what can be reached over causes, sendings and what came earlier on the same node', () => {
    const rows = fc.array(fc.record({ node: fc.integer({ min: -1, max: 3 }), back: fc.nat(6), far: fc.nat(6) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(rows, fc.nat(39), (made, pick) => {
        const columns = {
          node: made.map(({ node }) => node),
          cause: made.map(({ back }, i) => (back === 0 ? 0 : Math.max(0, i + 1 - back))),
          sending: made.map(({ far }, i) => (far === 0 ? 0 : Math.max(0, i + 1 - far))),
        };
        const row = Math.min(made.length, pick + 1);
        const flags = causalPast(columns, row);
        const found = new Set<number>();
        const walk = (at: number): void => {
          if (at === 0 || found.has(at)) return;
          found.add(at);
          walk(columns.cause[at - 1] as number);
          walk(columns.sending[at - 1] as number);
          if ((columns.node[at - 1] as number) < 0) return;
          for (let earlier = 1; earlier < at; earlier++)
            if (columns.node[earlier - 1] === columns.node[at - 1]) walk(earlier);
        };
        walk(row);
        expect([...flags].flatMap((flag, i) => (flag === 1 ? [i] : []))).toEqual([...found].sort((a, b) => a - b));
      }),
    );
  });
});

describe('edits of a plan', () => {
  const plan: Plan = {
    scenario: 'x',
    seed: 's',
    params: { limit: 3, wait: 500_000 },
    schedule: [
      { id: 'F1', kind: 'crash', at: '2s', for: '1s', node: 'n1', restart: true },
      { id: 'F2', kind: 'partition', at: '4s', groups: [['n1'], ['*']] },
    ],
  };

  test('a fault is taken out and put back, and nothing else changes', () => {
    const without = withFaultSwitched(plan, plan, 'F1', false);
    expect(faultsOf(without).map(({ id }) => id)).toEqual(['F2']);
    expect(editTexts(plan, without)).toEqual(['without F1']);
    expect(editTexts(plan, withFaultSwitched(without, plan, 'F1', true))).toEqual([]);
  });

  test('a window keeps whether it ends', () => {
    expect(faultsOf(withWindow(plan, 'F1', 2_500_000, 3_000_000))[0]).toMatchObject({ at: '2.5s', for: '500ms' });
    expect(faultsOf(withWindow(plan, 'F2', 2_500_000, 3_000_000))[1]?.['for']).toBeUndefined();
  });

  test('every change has its words', () => {
    const changed = {
      ...withFaultField(plan, 'F1', 'restart', false),
      seed: 't',
      params: { limit: 4, wait: 1_000_000 },
    };
    expect(editTexts(plan, changed, ['wait'])).toEqual([
      'F1 restart true → false',
      'seed s → t',
      'limit 3 → 4',
      'wait 500ms → 1s',
    ]);
  });

  test('forms hold numbers, durations and yes or no', () => {
    expect(editableFields(faultsOf(plan)[0] as never)).toEqual(['at', 'for', 'restart']);
    expect(typed('2', '1s')).toBe('2s');
    expect(typed('250ms', '1s')).toBe('250ms');
    expect(typed('0.5', 0.1)).toBe(0.5);
    expect(typed('many', 0.1)).toBe('many');
    expect(typed('true', false)).toBe(true);
  });
});

describe('where two runs part', () => {
  test('the same run has no difference', () => {
    const trace = traceOf(recorded('canary'));
    expect(firstDifference(trace, trace)).toBeUndefined();
  });

  test('the first event that differs is named on both sides, and planned faults do not count', () => {
    const first = traceOf(recorded('lease-drift'));
    const second = traceOf(run(named('lease-drift'), { seed: 'lease-drift', faults: [], record: true }));
    const parting = firstDifference(first, second);
    expect({ ...parting?.first, row: 0 }).not.toEqual({ ...parting?.second, row: 0 });
    for (const event of [parting?.first, parting?.second]) expect(event?.text).not.toMatch(/^fault /);
    expect(parting?.same).toBeGreaterThan(100);
  });
});

describe('the engine in a page', () => {
  const desk = (scenario: Scenario): (<K extends AskName>(ask: Ask<K>) => Answer<K>) => {
    const replies: Reply[] = [];
    const port: Port = { onmessage: null, postMessage: (reply) => replies.push(reply) };
    serve([[scenario], 'noise'], port);
    return (ask) => {
      port.onmessage?.({ data: { id: 1, ask: ask as Ask } });
      const reply = replies.pop() as Reply;
      if ('error' in reply) throw new Error(reply.error);
      return reply.answer as never;
    };
  };

  test('runs a plan to the digest of the run, and tells its states', () => {
    const scenario = named('lease-drift');
    const result = recorded('lease-drift');
    const ask = desk(scenario);
    const { outcome, repro } = ask<'run'>({
      name: 'run',
      which: 'recorded',
      plan: reproOf(result),
      record: {},
      show: false,
    });
    expect(outcome.digest).toBe(result.digest);
    expect(repro).toEqual(reproOf(result));
    const states = ask<'states'>({ name: 'states', which: 'recorded', row: 2000, since: 1000, nodes: ['client1'] });
    expect(states.states).toHaveLength(1);
  });

  test('a scenario that it does not hold is refused', () => {
    expect(() => desk(named('canary'))<'describe'>({ name: 'describe', scenario: 'other' })).toThrow(
      'no scenario other',
    );
  });
});
