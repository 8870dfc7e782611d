/** Atomic commitment and sagas: what each costs, what it promises, what it does when somebody is away. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CallError,
  constant,
  copyOf,
  crash,
  defineScenario,
  diskFull,
  holds,
  isolate,
  ms,
  partition,
  run,
  s,
  us,
  type Check,
  type Context,
  type Fault,
  type Flow,
  type NodeRef,
  type RunResult,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  sagaOrchestrator,
  sagaParticipant,
  threePhaseCoordinator,
  threePhaseParticipant,
  twoPhaseCoordinator,
  twoPhaseParticipant,
  type AccountChange,
  type CommitCoordinatorState,
  type CommitParticipantState,
  type ParticipantProtocol,
  type SagaOrchestratorState,
  type SagaParticipantState,
  type SagaStepProtocol,
  type ThreePhaseProtocol,
  type TransactionProtocol,
} from '../../models/index.ts';
import blockedCommitThreePhase from '../../scenarios/blocked-commit-three-phase.ts';
import halfDoneSagaLogged from '../../scenarios/half-done-saga-logged.ts';
import lostDecisionForced from '../../scenarios/lost-decision-forced.ts';
import { runner } from '../support/bare-world.ts';

const PROTOCOLS = ['two-phase', 'three-phase'] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** `tm` and p1, p2, …, each with an account `<name>/a` of 100. */
function placed(world: WorldBuilder, protocol: Protocol, size: number): NodeRef<TransactionProtocol> {
  const tm = world.ref<TransactionProtocol>('tm');
  const participants = world.refs<ParticipantProtocol & ThreePhaseProtocol>('p', size);
  const disk = { fsync: constant(100) };
  if (protocol === 'two-phase') world.node(tm, { actor: twoPhaseCoordinator({ participants }), disk });
  else world.node(tm, { actor: threePhaseCoordinator({ participants }), disk });
  for (const ref of participants) {
    const balances = { [`${ref.id}/a`]: 100 };
    if (protocol === 'two-phase') world.node(ref, { actor: twoPhaseParticipant({ participants, balances }), disk });
    else world.node(ref, { actor: threePhaseParticipant({ participants, balances }), disk });
  }
  return tm;
}

const change = (at: string, by: number): AccountChange => ({ at, account: `${at}/a`, by });

/** `committed`, or why not. */
function* transact(
  ctx: Context<string[]>,
  tm: NodeRef<TransactionProtocol>,
  ...changes: AccountChange[]
): Flow<string> {
  try {
    yield* ctx.call(tm, 'transact', { changes }, { deadline: s(1) });
    return 'committed';
  } catch (error) {
    return (error as CallError).code;
  }
}

interface Tried {
  readonly log: readonly string[];
  /** States at the end, by node; of those that are up. */
  readonly states: Readonly<Record<string, unknown>>;
  readonly result: RunResult;
}

type Body = (ctx: Context<string[]>, log: (line: string) => void) => Flow;

/** Runs `body` as a client 1 ms away from everybody. */
function observed(place: (world: WorldBuilder) => Body, faults: readonly Fault[] = [], duration = s(3)): Tried {
  const states: Record<string, unknown> = {};
  const witness: Check = {
    name: 'watched',
    kind: 'always',
    promise: 'nothing',
    begin: (view) => ({
      finish() {
        for (const { id, state, status } of view.nodes) if (status === 'up') states[id] = copyOf(state);
        return { check: 'watched', kind: 'always', status: 'held', message: '' };
      },
    }),
  };
  const scenario = defineScenario({
    name: 'observed',
    question: 'What does it do?',
    duration,
    recovery: false,
    build({ world }) {
      world.links({ latency: constant(ms(1)) });
      const body = place(world);
      world.node('c', { actor: runner(body) });
      return {};
    },
    faults: () => faults,
    checks: () => [witness],
    expect: holds(),
  });
  const result = run(scenario, { seed: 'commit' });
  return { log: states['c'] as string[], states, result };
}

const tried = (
  protocol: Protocol,
  body: (ctx: Context<string[]>, tm: NodeRef<TransactionProtocol>, log: (line: string) => void) => Flow,
  faults: readonly Fault[] = [],
  size = 3,
): Tried =>
  observed((world) => {
    const tm = placed(world, protocol, size);
    return (ctx, log) => body(ctx, tm, log);
  }, faults);

const participant = ({ states }: Tried, id: string): CommitParticipantState => states[id] as CommitParticipantState;
const balances = (tried: Tried): number[] =>
  ['p1', 'p2', 'p3'].map((id) => participant(tried, id).balances[`${id}/a`] as number);

describe.each(PROTOCOLS)('%s commit', (protocol) => {
  test('makes all the changes or none', () => {
    const done = tried(protocol, function* (ctx, tm, log) {
      yield* ctx.sleep(ms(10));
      log(yield* transact(ctx, tm, change('p1', -40), change('p2', 40)));
      log(yield* transact(ctx, tm, change('p1', -70), change('p2', 20), change('p3', 50)));
      log(yield* transact(ctx, tm, change('p3', -100), change('p2', 100)));
    });
    expect(done.log).toEqual(['committed', 'aborted', 'committed']);
    expect(balances(done)).toEqual([60, 240, 0]);
    for (const id of ['p1', 'p2', 'p3']) expect(participant(done, id).locks).toEqual({});
  });

  test('refuses a transaction whose accounts another one has locked, and one with a participant that it does not know', () => {
    const done = tried(protocol, function* (ctx, tm, log) {
      yield* ctx.sleep(ms(10));
      const both = [1, 2].map(() => transact(ctx, tm, change('p1', -10), change('p2', 10)));
      for (const answer of yield* ctx.all(both)) log(answer);
      log(yield* transact(ctx, tm, change('p1', -10), change('p9', 10)));
    });
    expect(done.log.slice(0, 2).toSorted()).toEqual(['aborted', 'committed']);
    expect(done.log[2]).not.toBe('committed');
    expect(balances(done)).toEqual([90, 110, 100]);
  });

  test('leaves nobody in doubt about a transaction with a participant that it does not know', () => {
    const done = tried(protocol, function* (ctx, tm, log) {
      yield* ctx.sleep(ms(10));
      log(yield* transact(ctx, tm, change('p0', -10), change('p1', 10)));
      yield* ctx.sleep(ms(5));
      log(yield* transact(ctx, tm, change('p1', -10), change('p2', 10)));
    });
    expect(done.log).toEqual(['aborted', 'committed']);
  });

  test('gives no id twice, restarts of the coordinator included', () => {
    const done = tried(
      protocol,
      function* (ctx, tm) {
        for (;;) {
          yield* transact(ctx, tm, change('p1', -1), change('p2', 1));
          yield* ctx.sleep(ms(20));
        }
      },
      [crash({ node: 'tm', at: s(1), for: ms(10) })],
    );
    expect((done.states['tm'] as CommitCoordinatorState).epoch).toBe(2);
    const ids = [...participant(done, 'p1').outcomes.keys()];
    expect(['tm.1.', 'tm.2.'].map((life) => ids.some((id) => id.startsWith(life)))).toEqual([true, true]);
  });

  test.each([2, 4])('costs its messages for %d participants, and two for the client [P5]', (size) => {
    const sent = (operations: number): number => {
      const all = Array.from({ length: size }, (_, i) => change(`p${i + 1}`, 0));
      const body = function* (
        ctx: Context<string[]>,
        tm: NodeRef<TransactionProtocol>,
        log: (line: string) => void,
      ): Flow {
        yield* ctx.sleep(ms(10));
        for (let i = 0; i < operations; i++) {
          log(yield* transact(ctx, tm, ...all));
          yield* ctx.sleep(ms(5));
        }
      };
      const { log, result } = tried(protocol, body, [], size);
      expect(log.filter((line) => line === 'committed')).toHaveLength(operations);
      return result.network.sent;
    };
    expect((sent(60) - sent(10)) / 50).toBe((protocol === 'two-phase' ? 4 : 6) * size + 2);
  });

  test('a participant that comes back with its vote learns the decision', () => {
    const done = tried(
      protocol,
      function* (ctx, tm, log) {
        yield* ctx.sleep(ms(10));
        log(yield* transact(ctx, tm, change('p1', -40), change('p2', 40)));
      },
      // The request arrives at 11 ms, the proposal at 12, the vote at 13.1; the next phase would come at 14.
      [crash({ node: 'p2', at: us(12_900), for: ms(300) })],
    );
    expect(done.log).toEqual(['committed']);
    expect(balances(done)).toEqual([60, 140, 100]);
  });
});

/** A transfer whose coordinator crashes when all have voted and nobody has heard the decision; it is away for `away`. */
const blocked = (protocol: Protocol, away: number): Tried =>
  tried(
    protocol,
    function* (ctx, tm, log) {
      yield* ctx.sleep(ms(10));
      log(yield* transact(ctx, tm, change('p1', -40), change('p2', 20), change('p3', 20)));
    },
    [crash({ node: 'tm', at: us(12_500), for: away })],
  );

describe('without its coordinator', () => {
  test('two-phase commit blocks every participant, with its locks, until the coordinator is back [P5]', () => {
    const during = blocked('two-phase', s(10));
    for (const id of ['p1', 'p2', 'p3']) {
      const { pending, locks, timesBlocked } = participant(during, id);
      expect([...pending.values()].map(({ stage }) => stage)).toEqual(['prepared']);
      expect(locks).toEqual({ [`${id}/a`]: 'tm.1.1' });
      expect(timesBlocked).toBeGreaterThan(3);
    }
    const after = blocked('two-phase', s(1));
    expect(['p1', 'p2', 'p3'].map((id) => participant(after, id).outcomes.get('tm.1.1'))).toEqual(
      Array(3).fill('aborted'),
    );
    expect(balances(after)).toEqual([100, 100, 100]);
  });

  test('the participants of three-phase commit end the transaction among themselves', () => {
    const done = blocked('three-phase', s(10));
    for (const id of ['p1', 'p2', 'p3']) {
      expect(participant(done, id).outcomes.get('tm.1.1')).toBe('aborted');
      expect(participant(done, id).locks).toEqual({});
    }
    expect([...participant(done, 'p1').decided.keys()]).toEqual(['tm.1.1']);
  });

  test('the participants of three-phase commit end what its coordinator has no room to write down', () => {
    const done = tried(
      'three-phase',
      function* (ctx, tm, log) {
        yield* ctx.sleep(ms(10));
        log(yield* transact(ctx, tm, change('p1', -40), change('p2', 40)));
      },
      [diskFull({ node: 'tm', at: ms(5), for: s(10) })],
    );
    expect(done.log).toEqual(['undecided']);
    expect(['p1', 'p2'].map((id) => participant(done, id).outcomes.get('tm.1.1'))).toEqual(['committed', 'committed']);
    expect(balances(done)).toEqual([60, 140, 100]);
  });

  test('one participant that has not voted is enough to end two-phase commit', () => {
    const done = tried(
      'two-phase',
      function* (ctx, tm, log) {
        yield* ctx.sleep(ms(10));
        log(yield* transact(ctx, tm, change('p1', -40), change('p2', 40)));
      },
      // p2 never gets the proposal.
      [crash({ node: 'tm', at: us(12_500), for: s(10) }), isolate({ node: 'p2', at: ms(11), for: ms(100) })],
    );
    expect(['p1', 'p2'].map((id) => participant(done, id).outcomes.get('tm.1.1'))).toEqual(['aborted', 'aborted']);
  });

  test('three-phase commit splits where two-phase commit waits', () => {
    const split = (protocol: Protocol): (string | undefined)[] => {
      const done = tried(
        protocol,
        function* (ctx, tm, log) {
          yield* ctx.sleep(ms(10));
          log(yield* transact(ctx, tm, change('p1', -40), change('p2', 20), change('p3', 20)));
        },
        // All votes have arrived; what comes next does not reach p3.
        [partition({ groups: [['p3'], ['*']], at: us(13_600), for: s(1) })],
      );
      return ['p1', 'p2', 'p3'].map((id) => participant(done, id).outcomes.get('tm.1.1'));
    };
    expect(split('two-phase')).toEqual(['committed', 'committed', 'committed']);
    expect(split('three-phase')).toEqual(['committed', 'committed', 'aborted']);
  });
});

const crashesOf = (nodes: readonly string[]) =>
  fc.array(
    fc.record({
      node: fc.constantFrom(...nodes),
      at: fc.integer({ min: 900, max: 4_500 }),
      for: fc.integer({ min: 20, max: 900 }),
    }),
    { maxLength: 6 },
  );
const failuresOf = ({ verdicts }: RunResult): string[] =>
  verdicts.filter(({ status, kind }) => status !== 'held' && kind !== 'sometimes').map(({ check }) => check);

describe('whatever crashes, and when', () => {
  const nodes = ['tm', 'p1', 'p2', 'p3'];
  test.each([
    ['two-phase commit', lostDecisionForced, nodes],
    ['three-phase commit', blockedCommitThreePhase, nodes],
    ['sagas', halfDoneSagaLogged, ['orders', 'payments', 'vouchers', 'stock', 'shipping']],
  ] as const)('the promise is kept by %s', (_name, scenario, names) => {
    fc.assert(
      fc.property(crashesOf(names), fc.nat(), (plans, seed) => {
        const faults = plans.map(({ node, at, for: length }) => crash({ node, at: ms(at), for: ms(length) }));
        expect(failuresOf(run(scenario, { seed: `${seed}`, faults }))).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });
});

/** Steps a, b, c, of which b decides; c's service has so many pieces, b's so many. */
function ordered(
  { stockB = 9, log = 'durable' }: { readonly stockB?: number; readonly log?: 'durable' | 'none' },
  orders: number,
  faults: readonly Fault[] = [],
): Tried {
  return observed((world) => {
    const steps = (['a', 'b', 'c'] as const).map((name) => {
      const at: NodeRef<SagaStepProtocol> = world.node(`s${name}`, {
        actor: sagaParticipant({ stock: name === 'b' ? stockB : 9 }),
      });
      return { name, at };
    });
    const orchestrator = world.node('o', { actor: sagaOrchestrator({ steps, pivot: 'b', log }) });
    return function* (ctx, note) {
      for (let i = 1; i <= orders; i++) {
        yield* ctx.sleep(ms(10));
        try {
          note(yield* ctx.call(orchestrator, 'order', { id: `order ${i}` }, { deadline: s(2) }));
        } catch (error) {
          note((error as CallError).code);
        }
      }
    };
  }, faults);
}

const service = ({ states }: Tried, name: string): SagaParticipantState => states[`s${name}`] as SagaParticipantState;

describe('a saga', () => {
  test('is done whole, or undone, last step first', () => {
    const done = ordered({ stockB: 1 }, 2);
    expect(done.log).toEqual(['completed', 'compensated']);
    expect(['a', 'b', 'c'].map((name) => service(done, name).stock)).toEqual([8, 0, 8]);
    expect(service(done, 'a').effects.map(({ saga, kind }) => `${kind} ${saga}`)).toEqual([
      'done order 1',
      'done order 2',
      'undone order 2',
    ]);
  });

  test('turns back when a step before the pivot does not answer, and cancels that step for good', () => {
    const done = ordered({}, 1, [isolate({ node: 'sa', at: ms(5), for: s(1) })]);
    expect(done.log).toEqual(['compensated']);
    expect(service(done, 'a').fates.get('order 1 a')).toBe('cancelled');
    expect(service(done, 'a').stock).toBe(9);
  });

  test('goes on behind the pivot for as long as it takes', () => {
    const done = ordered({}, 1, [isolate({ node: 'sc', at: ms(5), for: ms(1_500) })]);
    expect(done.log).toEqual(['completed']);
    expect(['a', 'b', 'c'].map((name) => service(done, name).stock)).toEqual([8, 8, 8]);
  });

  test('waits for room on a disk that is full', () => {
    const done = ordered({}, 1, [diskFull({ node: 'o', at: us(13_500), for: ms(400) })]);
    expect(done.log).toEqual(['completed']);
    expect(['a', 'b', 'c'].map((name) => service(done, name).stock)).toEqual([8, 8, 8]);
  });

  test.each([
    ['durable', ['completed'], [8, 8, 8]],
    ['none', [], [8, 8, 9]],
  ] as const)('is taken up again after a crash of the orchestrator with a log: %s', (log, ended, left) => {
    const done = ordered({ log }, 1, [crash({ node: 'o', at: us(13_500), for: ms(50) })]);
    const { sagas } = done.states['o'] as SagaOrchestratorState;
    expect([...sagas.values()].map(({ outcome }) => outcome)).toEqual(ended);
    expect(['a', 'b', 'c'].map((name) => service(done, name).stock)).toEqual(left);
  });
});

test('a coordinator refuses a way to decide that it does not know', () => {
  const decision = 'force' as 'forced';
  expect(() => twoPhaseCoordinator({ participants: [], decision })).toThrow(
    'twoPhaseCoordinator.decision: got "force", expected one of forced, lazy; did you mean "forced"?',
  );
});

test('an orchestrator refuses a log that it does not know', () => {
  const steps = [{ name: 'a', at: { id: 'a', index: 0 } }];
  expect(() => sagaOrchestrator({ steps, log: 'duarble' as 'durable' })).toThrow(
    'sagaOrchestrator.log: got "duarble", expected one of durable, none; did you mean "durable"?',
  );
});
