/** Mistakes in atomic commitment: two phases, three phases, sagas. */
import type { Mutant } from './mutant.ts';

const COORDINATOR = 'models/commit/two-phase-coordinator.ts';
const VOTES = 'models/commit/coordinator-steps.ts';
const PARTICIPANT = 'models/commit/two-phase-participant.ts';
const STEPS = 'models/commit/participant-steps.ts';
const STATE = 'models/commit/participant-state.ts';
const THREE = 'models/commit/three-phase-participant.ts';
const ORCHESTRATOR = 'models/commit/saga-orchestrator.ts';
const SERVICE = 'models/commit/saga-participant.ts';
const TWO_PHASE = { scenario: 'lost-decision-forced', profile: 'mixed' } as const;
const THREE_PHASE = { scenario: 'blocked-commit-three-phase', profile: 'crashes' } as const;
const SAGA = {
  scenario: 'half-done-saga-logged',
  profile: 'mixed',
  property: 'sagas are done or undone, whole and once',
} as const;

export const COMMIT_MUTANTS: readonly Mutant[] = [
  {
    ...TWO_PHASE,
    name: 'decision-not-forced',
    bug: 'The coordinator tells its decision before it is on disk.',
    file: COORDINATOR,
    find: '  if (forced) yield* syncOrStop(ctx, stopCoordinator);\n',
    replace: '  void syncOrStop;\n  void stopCoordinator;\n  void forced;\n',
    property: 'all decide the same',
  },
  {
    ...TWO_PHASE,
    name: 'vote-not-forced',
    bug: 'A participant votes yes before that is on disk.',
    profile: 'crashes',
    file: STEPS,
    find: "return 'no';\n  yield* syncOrStop(ctx, stopParticipant);\n",
    replace: "return 'no';\n",
    property: 'decisions and votes are final',
  },
  {
    ...TWO_PHASE,
    name: 'in-doubt-aborts-alone',
    bug: 'A participant in doubt that can reach nobody who knows the outcome aborts.',
    file: PARTICIPANT,
    find: 'else if (answer === undefined) ctx.update((state) => block(state, id, ctx));',
    replace: "else if (answer === undefined) { void block; yield* conclude(id, 'aborted', ctx); }",
    property: 'who voted yes does not abort by itself',
  },
  {
    ...TWO_PHASE,
    name: 'presumed-commit-without-its-records',
    bug: 'The coordinator tells those who ask about a transaction that it does not know to commit, as if it had written down who has to agree.',
    file: COORDINATOR,
    find: `        keepOutcome(state, id, 'aborted', participants, ctx.clock.monotonic);
        return 'aborted';`,
    replace: `        keepOutcome(state, id, 'committed', participants, ctx.clock.monotonic);
        return 'committed';`,
    property: 'all decide the same',
  },
  {
    ...TWO_PHASE,
    name: 'undecided-taken-for-aborted',
    bug: 'Who asks while votes are still out is told that the transaction was aborted.',
    file: COORDINATOR,
    find: "return known.stage === 'committed' ? 'committed' : 'undecided';",
    replace: "return known.stage === 'committed' ? 'committed' : 'aborted';",
    property: 'who voted yes does not abort by itself',
  },
  {
    ...TWO_PHASE,
    name: 'decisions-not-read-back',
    bug: 'A coordinator that comes back knows nothing of what it had decided, and presumes that it was aborted.',
    file: COORDINATOR,
    find: "        if (record.event === 'committed')\n          state.transactions.set",
    replace: "        if (record.event === 'committed' && ctx.self.id === '')\n          state.transactions.set",
    property: 'all decide the same',
  },
  {
    ...TWO_PHASE,
    name: 'any-vote-will-do',
    bug: 'One vote of yes is taken for all of them.',
    file: VOTES,
    find: "votes.every((vote) => vote === 'yes')",
    replace: "votes.some((vote) => vote === 'yes')",
    property: 'committed only if all voted yes',
  },
  {
    ...TWO_PHASE,
    name: 'locks-lost-in-a-crash',
    bug: 'Recovery knows what is in doubt, and does not lock its accounts again.',
    file: STATE,
    find: '      lock(state, id, changes);\n      const fresh',
    replace: '      const fresh',
    property: 'locks are held from vote to decision',
  },
  {
    ...THREE_PHASE,
    name: 'precommitted-aborted',
    bug: 'A backup coordinator aborts although it knows that all have voted yes.',
    file: THREE,
    find: '  yield* conclude(id, outcome, ctx, true);\n',
    replace: "  yield* conclude(id, 'aborted', ctx, true);\n",
    property: 'all decide the same',
  },
  {
    ...THREE_PHASE,
    name: 'recovered-backs-up',
    bug: 'A participant that was down meanwhile decides as if it had been there.',
    file: THREE,
    find: '  if (recovered) return yield* afterTotalFailure(id, answers, ctx);\n',
    replace: '  void recovered;\n  void afterTotalFailure;\n',
    property: 'all decide the same',
  },
  {
    ...SAGA,
    name: 'compensated-twice',
    bug: 'A service that is asked to undo a step again undoes it again.',
    file: SERVICE,
    find: "          if (known === 'done') settle",
    replace: "          if (known === 'done' || known === 'undone') settle",
  },
  {
    ...SAGA,
    name: 'late-step-not-refused',
    bug: 'A step that was cancelled before it came is done when it comes.',
    file: SERVICE,
    find: '          if (known !== undefined) return known;\n          return settle(state, saga, step, state.stock',
    replace:
      "          if (known !== undefined && known !== 'cancelled') return known;\n          return settle(state, saga, step, state.stock",
  },
  {
    ...SAGA,
    name: 'step-not-forced',
    bug: 'The next step is asked for before it is on disk that the last one is done.',
    file: ORCHESTRATOR,
    find: "keep({ event: 'step', id, done: done + 1 }, true, settings, ctx)",
    replace: "keep({ event: 'step', id, done: done + 1 }, false, settings, ctx)",
  },
  {
    ...SAGA,
    name: 'saga-begun-not-forced',
    bug: 'The first step is asked for before it is on disk that the saga has begun.',
    file: ORCHESTRATOR,
    find: "keep({ event: 'begun', id }, true, settings, ctx)",
    replace: "keep({ event: 'begun', id }, false, settings, ctx)",
  },
  {
    ...SAGA,
    name: 'failed-step-not-undone',
    bug: 'What did not answer is taken for not done: only the steps before it are undone.',
    file: ORCHESTRATOR,
    find: "keep({ event: 'turned', id, done: done + 1 }, false",
    replace: "keep({ event: 'turned', id, done }, false",
  },
];
