/** Failover by an operator: on a schedule and on silence, of the freshest and of the first in line. */
import { describe, expect, test } from '@jest/globals';
import {
  crash,
  crashLoop,
  defineScenario,
  holds,
  ms,
  noAcknowledgedWriteLost,
  run,
  s,
  type Fault,
  type RunResult,
} from '../../../sim/index.ts';
import {
  failoverOperator,
  kvClient,
  primaryReplica,
  primaryStore,
  type FailoverOperatorOptions,
  type FailoverOperatorState,
  type KvClientState,
  type ReplicaProtocol,
  type ReplicaState,
  type ReplicationMode,
} from '../../../models/index.ts';

interface Ended {
  readonly result: RunResult;
  readonly nodes: readonly { readonly role: string; readonly term: number; readonly log: number }[];
  readonly operator: FailoverOperatorState | undefined;
}

function play(
  replication: ReplicationMode,
  options: Omit<FailoverOperatorOptions, 'nodes'>,
  faults: readonly Fault[] = [],
): Ended {
  let nodes: Ended['nodes'] = [];
  let operator: FailoverOperatorState | undefined;
  const scenario = defineScenario({
    name: 'operated',
    question: 'What becomes of acknowledged writes?',
    duration: s(6),
    recovery: false,
    build({ world }) {
      const refs = world.refs<ReplicaProtocol>('n', 3);
      for (const node of refs)
        world.node(node, { actor: primaryReplica({ nodes: refs, failover: 'operator', replication }) });
      world.node<FailoverOperatorState, object>('o1', { actor: failoverOperator({ nodes: refs, ...options }) });
      const client = kvClient({ store: primaryStore({ nodes: refs }), reads: 0, from: ms(600), until: s(5) });
      world.node<KvClientState, object>('c1', { actor: client });
      return {};
    },
    checks: () => [
      noAcknowledgedWriteLost({
        survivors(view) {
          const states = ['n1', 'n2', 'n3'].map((id) => view.state<ReplicaState>(id) as ReplicaState);
          nodes = states.map(({ role, term, log }) => ({ role, term, log: log.length }));
          operator = structuredClone(view.state<FailoverOperatorState>('o1'));
          const last = states.filter(({ role }) => role === 'primary').toSorted((a, b) => b.term - a.term)[0];
          return last?.log.flatMap(({ command }) => (command?.f === 'write' ? [command.value] : []));
        },
      }),
    ],
    expect: holds(),
  });
  const result = run(scenario, { seed: 'operated', faults: [...faults] });
  return { result, nodes, operator };
}

const lost = ({ result }: Ended): string | undefined => result.verdicts[0]?.status;

describe('an operator', () => {
  test('promotes nobody while somebody serves', () => {
    const { nodes, operator } = play('semi-sync', {});
    expect(nodes.map(({ role, term }) => [role, term])).toEqual([
      ['primary', 1],
      ['replica', 1],
      ['replica', 1],
    ]);
    expect(operator).toMatchObject({ promoted: 0, primary: 'n1', term: 1 });
  });

  test('switches over on schedule, and nothing acknowledged is lost', () => {
    const ended = play('semi-sync', { at: [s(2), s(3)], silence: 'never' });
    expect(lost(ended)).toBe('held');
    expect(ended.operator).toMatchObject({ promoted: 2, scheduled: 2, term: 3 });
    expect(ended.nodes.filter(({ role }) => role === 'primary')).toHaveLength(1);
    // To another node than the one that served, and back.
    expect(play('semi-sync', { at: [s(2)], silence: 'never' }).operator).toMatchObject({ promoted: 1, primary: 'n2' });
    expect(ended.operator).toMatchObject({ primary: 'n1' });
    expect(new Set(ended.nodes.map(({ log }) => log)).size).toBe(1);
  });

  test('does not promote on silence when it is told not to', () => {
    const ended = play('semi-sync', { silence: 'never' }, [crash({ node: 'n1', at: s(2), for: s(1) })]);
    expect(ended.nodes.map(({ role }) => role)).toEqual(['replica', 'replica', 'replica']);
    expect(ended.operator?.promoted).toBe(0);
  });

  test('promotes on silence, and the old primary follows when it is back', () => {
    const ended = play('semi-sync', {}, [crash({ node: 'n1', at: s(2), for: s(1) })]);
    expect(lost(ended)).toBe('held');
    expect(ended.nodes[0]).toMatchObject({ role: 'replica' });
    expect(ended.operator?.promoted).toBe(1);
  });

  test('does not promote again the one that has just fallen silent, however often that one comes back', () => {
    const flapping = crashLoop({ node: 'n1', at: s(2), for: s(3), every: ms(700), down: ms(200) });
    const ended = play('semi-sync', {}, [flapping]);
    expect(lost(ended)).toBe('held');
    expect(ended.operator).toMatchObject({ promoted: 1, primary: 'n2', lastPrimary: 'n2' });
  });

  test('promotes even that one when the others alone are too few', () => {
    const faults = [crash({ node: 'n1', at: s(2), for: ms(150) }), crash({ node: 'n2', at: s(1.8), for: s(4) })];
    const ended = play('semi-sync', {}, faults);
    expect(lost(ended)).toBe('held');
    expect(ended.operator).toMatchObject({ promoted: 1, term: 2 });
    expect(ended.nodes.filter(({ role }) => role === 'primary')).toHaveLength(1);
  });

  test('promotes nobody when too few nodes answer', () => {
    const ended = play('semi-sync', {}, [
      crash({ node: 'n1', at: s(2), for: s(3) }),
      crash({ node: 'n2', at: s(2), for: s(3) }),
    ]);
    expect(ended.operator?.promoted).toBe(1);
    expect(lost(ended)).toBe('held');
    expect(
      ended.result.operations.filter(
        ({ outcome, completedAt }) => outcome === 'ok' && completedAt > s(2) && completedAt < s(5),
      ),
    ).toEqual([]);
  });

  test('names what is wrong with its options', () => {
    const nodes = [{ id: 'n1', index: 0 }];
    expect(() => failoverOperator({ nodes: [] })).toThrow(/failoverOperator\.nodes/);
    expect(() => failoverOperator({ nodes, answers: 2 })).toThrow(
      /failoverOperator\.answers: got 2, expected a whole number from 1 to 1/,
    );
    expect(() => primaryReplica({ nodes, replication: 'semi-sync' })).toThrow(/primaryReplica\.replication/);
  });

  test.each([
    [{ choose: 'fresh' }, 'failoverOperator.choose: got "fresh", expected one of freshest, rank'],
    [{ every: 0 }, 'failoverOperator.every: got 0, expected a duration above 0'],
  ] as [Partial<FailoverOperatorOptions>, string][])('refuses %j', (options, message) => {
    const nodes = [{ id: 'n1', index: 0 }];
    expect(() => failoverOperator({ nodes, ...options })).toThrow(message);
  });
});
