/** Transfers between accounts at three participants; how they are committed differs between the scenarios. */
import {
  always,
  atomicCommitInvariants,
  crash,
  isolate,
  ms,
  s,
  sometimes,
  uniform,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type RandomSource,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  client,
  coordinatorView,
  openLoop,
  participantView,
  threePhaseCoordinator,
  threePhaseParticipant,
  twoPhaseCoordinator,
  twoPhaseParticipant,
  type AccountChange,
  type CommitCoordinatorState,
  type CommitParticipantState,
  type ParticipantProtocol,
  type ThreePhaseProtocol,
  type TransactionProtocol,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK, OVER_CONNECTIONS } from './claims.ts';

export interface CommitGroup {
  readonly coordinator: NodeRef<TransactionProtocol>;
  readonly participants: readonly NodeRef[];
  readonly clients: readonly NodeRef[];
}

export interface CommitGroupOptions {
  readonly world: WorldBuilder;
  /** `lazy`: two phases, and the decision is not forced to disk. */
  readonly protocol: 'two-phase' | 'lazy' | 'three-phase';
  /** Transfers a second. */
  readonly rate: number;
  readonly duration: Micros;
}

const ACCOUNTS = 40;
const BALANCE = 1_000;
const CLIENTS = 2;

const accountAt = (participant: string, n: number): string => `${participant}/${n}`;

/** Each has a role of its own: there is no quorum of them, so that the loss of any is the loss of all, and has to heal. */
const ROLES = ['participant-1', 'participant-2', 'participant-3'] as const;

function ownPart({ id }: NodeRef): { readonly balances: Readonly<Record<string, number>>; readonly role: string } {
  const balances = Object.fromEntries(Array.from({ length: ACCOUNTS }, (_, n) => [accountAt(id, n), BALANCE]));
  return { balances, role: `participant-${id.slice(1)}` };
}

/** Places the coordinator `tm`, participants p1 to p3, 15 to 25 ms away from it, and two clients that stop a second before the end. */
export function commitGroup({ world, protocol, rate, duration }: CommitGroupOptions): CommitGroup {
  world.links({ latency: uniform(ms(15), ms(25)) });
  const coordinator = world.ref<TransactionProtocol>('tm');
  const participants = world.refs<ParticipantProtocol & ThreePhaseProtocol>('p', ROLES.length);
  // The machine loses power: of what was not synced, nothing is kept.
  const disk = { crashKeeps: 'nothing' } as const;
  if (protocol === 'three-phase') {
    world.node(coordinator, { actor: threePhaseCoordinator({ participants }), disk });
    for (const ref of participants)
      world.node(ref, { actor: threePhaseParticipant({ participants, ...ownPart(ref) }), disk });
  } else {
    const decision = protocol === 'lazy' ? 'lazy' : 'forced';
    world.node(coordinator, { actor: twoPhaseCoordinator({ participants, decision }), disk });
    for (const ref of participants)
      world.node(ref, { actor: twoPhaseParticipant({ participants, ...ownPart(ref) }), disk });
  }
  const actor = client<TransactionProtocol>({
    target: coordinator,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
    operation: (_ctx, _n, draws) => transfer(participants, draws),
    deadline: ms(600),
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { coordinator, participants, clients };
}

/** One account pays two others, each at another participant. */
function transfer(participants: readonly NodeRef[], draws: RandomSource) {
  const below = (n: number): number => Math.floor(draws.next() * n);
  const payer = below(participants.length);
  const amount = 1 + below(25);
  const changes = participants.map(({ id }, place): AccountChange => {
    const by = place === payer ? -amount * (participants.length - 1) : amount;
    return { at: id, account: accountAt(id, below(ACCOUNTS)), by };
  });
  return { message: 'transact', payload: { changes }, f: 'transfer', input: changes } as const;
}

const roles = ['coordinator', ...ROLES];

/** What every protocol for atomic commitment promises. */
function commitChecks({ participants }: CommitGroup, options: { readonly mayBlock: boolean }): readonly Check[] {
  return [
    ...atomicCommitInvariants<CommitCoordinatorState | CommitParticipantState>({
      view: (state) => ('pending' in state ? participantView(state) : coordinatorView(state)),
      roles,
      waitsAtMost: '1500ms',
      mayBlock: options.mayBlock,
    }),
    locksHeld(participants),
    noMoneyLost(participants),
    sometimes(
      'a transfer is committed',
      (view) => view.operations.some(({ f, outcome }) => f === 'transfer' && outcome === 'ok'),
      { roles: ['client'] },
    ),
  ];
}

const participantsOf = (view: RunView, participants: readonly NodeRef[]): CommitParticipantState[] =>
  participants.flatMap((ref) => view.state<CommitParticipantState>(ref) ?? []);

function locksHeld(participants: readonly NodeRef[]): Check {
  return always(
    'locks are held from vote to decision',
    (view) => {
      for (const ref of participants) {
        const state = view.state<CommitParticipantState>(ref);
        for (const [id, { changes }] of state?.pending ?? []) {
          const open = changes.find(({ account }) => state?.locks[account] !== id);
          if (open === undefined) continue;
          const sentence = `${ref.id} does not know the outcome of ${id}, and ${open.account} is not locked`;
          return { sentence, nodes: [ref.id], facts: { transaction: id, account: open.account } };
        }
      }
      return true;
    },
    { roles: ROLES },
  );
}

/** Judged whenever all participants are up and none of them is in the middle of a transfer. */
function noMoneyLost(participants: readonly NodeRef[]): Check {
  return always(
    'no money is made or lost',
    (view) => {
      if (view.now < view.end - ms(500)) return true;
      const states = participantsOf(view, participants);
      if (states.length < ROLES.length || states.some(({ pending }) => pending.size > 0)) return true;
      const sum = states.flatMap(({ balances }) => Object.values(balances)).reduce((total, one) => total + one, 0);
      return (
        sum === ROLES.length * ACCOUNTS * BALANCE ||
        `the accounts have ${sum}, not ${ROLES.length * ACCOUNTS * BALANCE}`
      );
    },
    { roles: ROLES },
  );
}

/** That the protocol's price was paid, or its strength needed: a participant waited and nobody in reach could tell it the outcome. */
export const isBlocked = (participants: readonly NodeRef[]): Check =>
  sometimes(
    'a participant is blocked',
    (view) => participants.some((ref) => (view.state<CommitParticipantState>(ref)?.timesBlocked ?? 0) > 0),
    { roles: ROLES },
  );

export const OUTCOME_KNOWN = 'the outcome is known within 1500ms';

/** No participant that has been up all the while waits longer than that, and keeps its locks, whoever else is down. */
const outcomeKnown = (participants: readonly NodeRef[]): Check =>
  always(
    OUTCOME_KNOWN,
    (view) => {
      for (const ref of participants) {
        for (const [id, { since, recovered }] of view.state<CommitParticipantState>(ref)?.pending ?? []) {
          if (recovered || view.now - since <= ms(1_500)) continue;
          const sentence = `${ref.id} waits for the outcome of transaction ${id} since ${since / 1_000_000} s`;
          return { sentence, nodes: [ref.id], facts: { transaction: id, since } };
        }
      }
      return true;
    },
    { roles: ROLES },
  );

/** A participant goes down while the others hear of decisions, and comes back after the coordinator has lost power. Three times. */
export function lostDecisionFaults({ coordinator, participants }: CommitGroup): Fault[] {
  return participants.flatMap((node, i) => [
    crash({ node, at: ms(1_000 + 1_600 * i), for: ms(1_200) }),
    crash({ node: coordinator, at: ms(1_200 + 1_600 * i), for: ms(600) }),
  ]);
}

export const lostDecisionChecks = (group: CommitGroup): readonly Check[] => commitChecks(group, { mayBlock: true });

/** The coordinator is down for a while, three times. */
export const blockedFaults = ({ coordinator }: CommitGroup): Fault[] =>
  [800, 2_800, 4_800].map((at) => crash({ node: coordinator, at: ms(at), for: ms(1_700) }));

export const blockedChecks = (group: CommitGroup, mayBlock: boolean): readonly Check[] => [
  ...commitChecks(group, { mayBlock }),
  outcomeKnown(group.participants),
];

/** Participant p3 is cut off from the rest, five times. */
export function splitFaults({ participants }: CommitGroup): Fault[] {
  const [, , p3] = participants;
  if (p3 === undefined) return [];
  return [1_000, 1_900, 2_800, 3_700, 4_600].map((at) => isolate({ node: p3, at: ms(at), for: ms(650) }));
}

export const splitChecks = (group: CommitGroup, mayBlock: boolean): readonly Check[] =>
  commitChecks(group, { mayBlock });

/**
 * The one coordinator comes back with its disk. One whose disk has failed to sync stays stopped until somebody restarts it. Proposals that
 * have queued for a narrow link lock accounts when they come, long after they were aborted, until their participants have asked.
 */
const withoutDisks = COMES_BACK.filter((family) => family !== 'disk');
const limits: NemesisLimits = {
  roles: Object.fromEntries(roles.map((role) => [role, withoutDisks])),
  families: OVER_CONNECTIONS,
  quietAfter: s(4),
};

/** What two-phase commit withstands. */
export const commitNemesis = { profiles: ALL_THAT_HEALS.filter((profile) => profile !== 'disks'), limits };

/** The same design again, under what splits networks. */
export const splitNemesis = { profiles: ['partitions', 'mixed'], limits };

/** What three-phase commit withstands: crashes, and nothing that makes a process look dead that is not. */
export const crashesOnly = {
  profiles: ['crashes'],
  limits: { ...limits, families: ['crash'] } satisfies NemesisLimits,
};
