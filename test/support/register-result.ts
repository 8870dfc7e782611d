/**
 * A recorded run made by hand: a register on two servers, a partition, a write acknowledged by the new primary, a stale read
 * from the old one. `name` dresses up every foreign text, for tests with hostile names.
 */
import { Metrics } from '../../sim/metrics/metrics.ts';
import { History } from '../../sim/history/history.ts';
import type { RunResult } from '../../sim/result.ts';
import { Trace } from '../../sim/trace/trace.ts';

export type Naming = (name: string) => string;

const NODES = ['n1', 'n2', 'c1', 'c2'] as const;
type NodeName = (typeof NODES)[number];
const index = (name: NodeName): number => NODES.indexOf(name);

/** Instants of the story, µs. */
export const SPLIT = 2_000;
export const ACKNOWLEDGED = 4_300;
export const WRONG = 5_200;
export const HEALED = 8_000;
const END = 10_000;

export interface Recorded {
  readonly result: RunResult;
  /** Rows of the trace by what they tell. */
  readonly rows: Readonly<Record<'split' | 'elected' | 'acknowledged' | 'answer' | 'wrong', number>>;
}

export function staleRead(name: Naming = (plain) => plain): Recorded {
  const trace = new Trace();
  const at = (
    kind: Parameters<Trace['add']>[0],
    time: number,
    node: NodeName,
    label: string,
    cause = 0,
    detail?: string,
  ): number => trace.add(kind, time, index(node), -1, label, cause, 0, detail);
  const message = (
    from: NodeName,
    to: NodeName,
    sent: number,
    arrives: number,
    label: string,
    cause: number,
    detail: string,
  ): [number, number] => {
    const sending = trace.add('send', sent, index(from), index(to), name(label), cause, 0, name(detail));
    return [sending, trace.add('deliver', arrives, index(to), index(from), name(label), sending, sending)];
  };
  at('phase', 0, 'n1', name('primary'));
  at('phase', 0, 'n2', name('backup'));
  const split = at('fault-begin', SPLIT, 'n1', name('F1'), 0, name('partition {n1,c2} | {n2,c1}'));
  const dropped = trace.add('send', 2_500, index('n1'), index('n2'), name('append'), 0, 0, name('{"x":1}'));
  trace.add('drop', 2_500, index('n2'), index('n1'), name('append'), dropped, dropped, 'partition');
  const elected = at('phase', 3_000, 'n2', 'primary');
  const invoked = at('invoke', 4_000, 'c1', name('write x'), 0, `#0 ${JSON.stringify(name('new'))}`);
  const [, asked] = message('c1', 'n2', 4_000, 4_150, 'write', invoked, '{"x":"new"}');
  const [, told] = message('n2', 'c1', 4_150, ACKNOWLEDGED, 'write reply', asked, 'null');
  const acknowledged = at('complete', ACKNOWLEDGED, 'c1', name('write x'), told, '#0 ok null');
  const reading = at('invoke', 5_000, 'c2', name('read x'), 0, '#1 null');
  const [, get] = message('c2', 'n1', 5_000, 5_100, 'read', reading, '{}');
  const [answer, got] = message('n1', 'c2', 5_100, WRONG, 'read reply', get, '{"x":"old"}');
  const wrong = at('complete', WRONG, 'c2', name('read x'), got, `#1 ok ${JSON.stringify(name('old'))}`);
  at('fault-end', HEALED, 'n1', name('F1'), split);
  const rows = { split, elected, acknowledged, answer, wrong };
  return { rows, result: resultOf(name, trace) };
}

function historyOf(name: Naming): History {
  const history = new History();
  const write = history.invoke(name('c1'), 4_000, { f: name('write'), key: name('x'), input: name('new') });
  history.complete(write, ACKNOWLEDGED, 'ok', undefined, name('n2'));
  const read = history.invoke(name('c2'), 5_000, { f: name('read'), key: name('x') });
  history.complete(read, WRONG, 'ok', name('old'), name('n1'));
  return history;
}

function resultOf(name: Naming, trace: Trace): RunResult {
  const clock = { now: END };
  return {
    schemaVersion: 1,
    version: name('0.0.0-test'),
    scenario: name('stale-register'),
    question: name('Does a read see the write that was acknowledged before it began?'),
    params: { [name('fencing')]: name('off') },
    seed: name('seed-7'),
    schedule: [
      { id: name('F1'), kind: 'partition', at: SPLIT, for: HEALED - SPLIT, groups: [[name('n1'), name('c2')], ['*']] },
      { id: name('F2'), kind: 'crash', at: 9_000, node: name('n2') },
    ],
    faults: [
      {
        id: name('F1'),
        text: name('partition {n1,c2} | {n2,c1}'),
        at: SPLIT,
        until: HEALED,
        nodes: NODES.map(name),
        effects: 1,
        struck: [],
      },
      { id: name('F2'), text: name('crash n2'), at: 9_000, nodes: [name('n2')], effects: 0, struck: [] },
    ],
    healedAt: HEALED,
    status: 'violated',
    verdicts: [
      { check: name('a failover'), kind: 'sometimes', status: 'held', message: name('first at 0.0030 s') },
      {
        check: name('linearizable'),
        kind: 'history',
        status: 'violated',
        message: name('the history is not linearizable'),
        witness: {
          sentence: name('c2 read x=old from n1, but x=new had been acknowledged 0.7 ms before this read began'),
          at: WRONG,
          operations: [0, 1],
          edges: [{ before: 0, after: 1, reason: name('real time') }],
          nodes: [name('n1')],
        },
      },
    ],
    expectation: { text: name('holds'), met: false, why: name('violated: linearizable') },
    nodes: NODES.map((id) => ({
      id: name(id),
      role: id.startsWith('n') ? name('server') : name('client'),
      zone: name('a'),
      region: name('r'),
      phase: 'up',
      status: 'up',
    })),
    phases: [],
    operations: historyOf(name).operations,
    metrics: new Metrics(clock).toJSON(),
    network: { sent: 5, duplicated: 0, delivered: 4, dropped: 1, inFlight: 0 },
    engine: { events: 20, reached: END, mostAtOneInstant: 2 },
    trace: trace.toData(NODES.map(name), {}, END),
    warnings: [],
    digest: name('0123456789abcdef'),
  };
}

/** The same system when it is sound. */
export function heldRun(): RunResult {
  const { result } = staleRead();
  return {
    ...result,
    status: 'held',
    verdicts: result.verdicts.map(({ check, kind }) => ({ check, kind, status: 'held', message: 'fine' })),
    expectation: { text: 'holds', met: true, why: 'every check holds' },
  };
}
