import { describe, expect, test } from '@jest/globals';
import { checkStaleness, checkVersionsBehind } from '../../sim/check/consistency/bounded-staleness.ts';
import { checkConvergence, checkStrongConvergence } from '../../sim/check/consistency/convergence.ts';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import type { Operation } from '../../sim/history/operation.ts';
import {
  boundedStaleness,
  constant,
  converges,
  defineActor,
  defineScenario,
  holds,
  ms,
  run,
  s,
  stronglyConverges,
  type NodeRef,
  type Scenario,
} from '../../sim/index.ts';
import { bruteStale, bruteVersionsBehind } from './staleness-oracle.ts';
import { randomHistory } from './register-histories.ts';
import { smallHistory } from './register-oracle.ts';
import { sessionsFrom } from './replicated-sessions.ts';

describe('bounded staleness in time', () => {
  /** One operation a second, each taking half of one. */
  const history = sessionsFrom('a w x 1, a w x 2, b r x 1');

  test('a read may miss a write that was acknowledged within the bound, and no other', () => {
    expect(checkStaleness(history, s(1)).status).toBe('held');
    expect(checkStaleness(history, ms(500)).status).toBe('violated');
    expect(checkStaleness(history, ms(501)).status).toBe('held');
  });

  test('a violation names the write that was missed, and by how much', () => {
    const { message, witness } = checkStaleness(history, ms(100));
    expect(message).toBe(
      "b read x=1 (2.0000–2.5000 s) although a's write of x=2 had been acknowledged at 1.5000 s, 500ms before the read began: staler than 100ms",
    );
    expect(witness?.operations).toEqual([0, 1, 2]);
  });

  test('within nothing it is linearizability', () => {
    for (let seed = 0; seed < 400; seed++) {
      const operations = smallHistory(seed);
      expect([seed, checkStaleness(operations, 0).status]).toEqual([seed, checkRegister(operations).status]);
    }
  });

  test('brute force agrees on 1,000 histories, and a longer bound never refutes more', () => {
    for (let seed = 0; seed < 1_000; seed++) {
      const operations = smallHistory(seed);
      const answers = [0, 1_500, 4_000, 20_000].map((within) => checkStaleness(operations, within).status);
      expect([seed, answers]).toEqual([
        seed,
        [0, 1_500, 4_000, 20_000].map((within) => (bruteStale(operations, within) ? 'held' : 'violated')),
      ]);
      expect(answers.join(' ')).toMatch(/^(violated ?)*(held ?)*$/);
    }
  });
});

describe('bounded staleness in versions', () => {
  const history = sessionsFrom('a w x 1, a w x 2, a w x 3, b r x 1');

  test('a read may be so many versions behind, and no more', () => {
    expect(checkVersionsBehind(history, 2)).toMatchObject({
      status: 'held',
      message: 'no read more than 2 versions behind: 4 operations',
    });
    const { status, message, witness } = checkVersionsBehind(history, 1);
    expect([status, witness?.operations]).toEqual(['violated', [0, 1, 2, 3]]);
    expect(message).toBe(
      "b read x=1 (3.0000–3.5000 s), 2 versions behind where 1 are allowed: a's write of x=3 (2.0000–2.5000 s) is number 2 after it",
    );
  });

  test('the store’s version numbers count, where it gives them', () => {
    const version = ({ id }: Operation): number | undefined => [1, 3, 2, 1][id];
    expect(checkVersionsBehind(sessionsFrom('a w x 1, a w x 3, b w x 2, c r x 1'), 1, { version }).status).toBe(
      'violated',
    );
    expect(checkVersionsBehind(sessionsFrom('a w x 1, a w x 1, b r x 1'), 0).status).toBe('undecided');
  });

  test('brute force agrees on 1,000 histories', () => {
    for (let seed = 0; seed < 1_000; seed++) {
      const operations = randomHistory(seed, {
        operations: 10,
        clients: 4,
        values: 0,
        reads: 55,
        cas: 0,
        indefinite: 5,
        failed: 5,
        wrong: 50,
      });
      const most = bruteVersionsBehind(operations);
      for (const versions of [0, 1, 2]) {
        const expected = most === undefined ? 'undecided' : most > versions ? 'violated' : 'held';
        expect([seed, versions, checkVersionsBehind(operations, versions).status]).toEqual([seed, versions, expected]);
      }
    }
  });
});

describe('eventual convergence', () => {
  const elements = { of: (state: unknown) => state as unknown[] };
  const adds = (text: string): Operation[] =>
    sessionsFrom(text).map((op) => ({
      ...op,
      f: op.f === 'write' ? 'add' : 'remove',
      input: op.f === 'write' ? op.input : op.output,
    }));
  const judged = (text: string, state: unknown[]) =>
    checkConvergence(
      [
        { replica: 'n1', state },
        { replica: 'n2', state: [...state] },
      ],
      adds(text),
      s(9),
      elements,
    );

  test('different states are shown side by side', () => {
    const { status, message, witness } = checkConvergence(
      [
        { replica: 'n1', state: [1] },
        { replica: 'n2', state: [1, 2] },
        { replica: 'n3', state: [1] },
      ],
      [],
      s(9),
    );
    expect(status).toBe('violated');
    expect(message).toBe(
      'at 9.0000 s, after everything had come to rest, 2 different states remained: n1, n3: [1] · n2: [1,2]',
    );
    expect(witness?.nodes).toEqual(['n1', 'n2']);
  });

  test('the books balance: acknowledged, indeterminate, failed', () => {
    expect(judged('a w x 1, a w x 2?, b w x 3!, b w x 4?', [1, 2])).toMatchObject({
      status: 'held',
      message: '2 replicas agree; 1 acknowledged, 2 indeterminate (1 there), 1 failed, 2 there',
    });
  });

  test.each([
    ['lost', 'a w x 1, a w x 2', [1], "a's add of x=2 (1.0000–1.5000 s) was acknowledged, and is gone"],
    ['failed', 'a w x 1!', [1], "a's add of x=1 (0.0000–0.5000 s) failed, and is there"],
    ['resurrected', 'a w x 1, b r x 1', [1], "1 is there although b's remove of x=undefined"],
    ['from-nowhere', 'a w x 1', [1, 5], '5 is there, and nobody added it'],
  ])('an element that is %s is named', (kind, text, state, sentence) => {
    const result = judged(text, state);
    expect([result.status, result.witness?.facts?.['wrong']]).toEqual(['violated', kind]);
    if (kind !== 'resurrected') expect(result.message).toContain(sentence);
  });

  test('what was removed and added again may be there, or not while a remove is open', () => {
    expect(judged('a w x 1, b r x 1, a w x 1', [1]).status).toBe('held');
    expect(judged('a w x 1, b r x 1?', []).status).toBe('held');
    expect(judged('a w x 1, b r x 1', []).status).toBe('held');
  });
});

describe('strong eventual convergence', () => {
  test('same deliveries, same state, whenever and wherever', () => {
    const sample = (replica: string, at: number, delivered: string, state: string) => ({
      replica,
      at,
      delivered,
      state,
    });
    expect(
      checkStrongConvergence([
        sample('n1', 1, 'a', '1'),
        sample('n2', 2, 'b', '2'),
        sample('n1', 3, 'a,b', '3'),
        sample('n2', 4, 'a,b', '3'),
      ]),
    ).toMatchObject({ status: 'held', message: 'same deliveries, same state: 3 sets of updates in 4 samples' });
    const { status, witness } = checkStrongConvergence([
      sample('n1', s(1), 'a,b', '3'),
      sample('n2', s(2), 'a,b', '4'),
    ]);
    expect([status, witness?.sentence]).toEqual([
      'violated',
      'n1 and n2 had been delivered the same updates and differed: 3 at 1.0000 s, 4 at 2.0000 s, both after a,b',
    ]);
    expect(checkStrongConvergence([sample('n1', 1, 'a', '1'), sample('n1', 2, 'a', '2')]).message).toMatch(
      /^n1 changed its state without a delivery/,
    );
  });
});

describe('as checks of a scenario', () => {
  interface Log {
    items: number[];
  }
  interface LogProtocol {
    item(payload: { readonly n: number }): void;
  }

  /** Replicas that keep items in order of arrival, or sorted; the second copy of each item takes another way. */
  const scenario = (sorts: boolean, loses: boolean): Scenario =>
    defineScenario({
      name: 'replicas',
      question: 'Do they converge?',
      duration: s(5),
      recovery: false,
      build({ world }) {
        world.links({ latency: constant(ms(1)) });
        const replica = defineActor<Log, LogProtocol>({
          role: 'replica',
          init: () => ({ items: [] }),
          on: {
            item(state, { n }) {
              state.items.push(n);
              if (sorts) state.items.sort((a, b) => a - b);
            },
          },
        });
        const refs: NodeRef<LogProtocol>[] = world.refs('n', 2);
        for (const ref of refs) world.node(ref, { actor: replica });
        world.node('c', {
          actor: defineActor<Record<never, never>, Record<never, never>>({
            role: 'client',
            init: () => ({}),
            start(_state, ctx) {
              const [one, two] = refs as [NodeRef<LogProtocol>, NodeRef<LogProtocol>];
              ctx.send(one, 'item', { n: 1 });
              ctx.send(one, 'item', { n: 2 });
              ctx.send(two, 'item', { n: 2 });
              if (!loses) ctx.send(two, 'item', { n: 1 });
            },
          }),
        });
        return { nodes: refs };
      },
      checks: ({ nodes }) => [
        converges({ states: (view) => nodes.map(({ id }) => ({ replica: id, state: view.state<Log>(id)?.items })) }),
        stronglyConverges({
          roles: ['replica'],
          view: ({ state }) => ({
            delivered: (state as Log).items.toSorted((a, b) => a - b),
            state: (state as Log).items,
          }),
        }),
        boundedStaleness({ within: '1s' }),
        boundedStaleness({ versions: 2 }),
      ],
      expect: holds(),
    });

  const violated = (sorts: boolean, loses: boolean): string[] =>
    run(scenario(sorts, loses), { seed: 'a' }).verdicts.flatMap(({ status, check }) =>
      status === 'held' ? [] : [check],
    );

  test('replicas that sort converge, those that do not differ after the same deliveries, those that lose one differ in the end only', () => {
    expect(violated(true, false)).toEqual([]);
    expect(violated(false, false)).toEqual(['the replicas converge', 'same deliveries, same state']);
    expect(violated(true, true)).toEqual(['the replicas converge']);
  });

  test('a bound that is none is refused', () => {
    expect(() => boundedStaleness({ within: 'soon' })).toThrow('boundedStaleness: within');
    expect(() => boundedStaleness({ versions: -1 })).toThrow(
      'boundedStaleness: versions: got -1, expected a whole number of versions, 0 or more',
    );
  });
});
