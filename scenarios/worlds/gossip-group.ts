/** Six members that gossip about heartbeats; what differs is how many must miss somebody before it is declared dead. */
import {
  choice,
  crash,
  loss,
  ms,
  partitionOneWay,
  s,
  sometimes,
  span,
  swimInvariants,
  type AccuracyClaim,
  type AccuracyWatch,
  type Check,
  type Fault,
  type MemberOpinion,
  type Micros,
  type NemesisLimits,
  type NodeView,
  type RunView,
  type SwimView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  fixedTimeout,
  gossipMembership,
  phiAccrual,
  type Direction,
  type FailureDetector,
  type GossipProtocol,
  type GossipRef,
  type GossipState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS } from './claims.ts';
import { mostAgree } from './most-agree.ts';

/** Of a design and of what it is compared with. */
export const gossipGroupParams = {
  direction: choice<Direction>('push-pull', ['push', 'pull', 'push-pull'], 'who tells whom in a round'),
  detector: choice<'timeout' | 'phi'>('timeout', ['timeout', 'phi'], 'how silence is judged'),
  faultFor: span('4s', 'how long n1 hears nothing'),
};

export interface GossipGroup {
  readonly members: readonly GossipRef[];
}

export interface GossipGroupOptions {
  readonly world: WorldBuilder;
  readonly witnesses: number;
  readonly direction: Direction;
  readonly detector: 'timeout' | 'phi';
}

const SIZE = 6;
const PERIOD = ms(150);
/** Ten rounds: with one message in twenty lost, gossip between six needs three or four. */
const TIMEOUT = 10 * PERIOD;

/** Places n1 … n6. */
export function gossipGroup({ world, witnesses, direction, detector }: GossipGroupOptions): GossipGroup {
  const members = world.refs<GossipProtocol>('n', SIZE);
  const place = <D>(judging: FailureDetector<D>): void => {
    const actor = gossipMembership({ nodes: members, period: PERIOD, direction, witnesses, detector: judging });
    for (const member of members) world.node(member, { actor });
  };
  if (detector === 'timeout') place(fixedTimeout({ timeout: TIMEOUT }));
  else place(phiAccrual({ threshold: 10, window: 100, firstGap: PERIOD, acceptablePause: TIMEOUT / 2 }));
  return { members };
}

/** n1 hears nothing of anybody, but is heard; one message in twenty is lost; and n4 crashes. */
export function gossipGroupFaults({ members: [n1, , , n4] }: GossipGroup, faultFor: Micros): Fault[] {
  if (n1 === undefined || n4 === undefined) return [];
  return [
    partitionOneWay({ from: '*', to: [n1], at: s(2), for: faultFor }),
    loss({ from: '*', to: '*', at: s(2), for: faultFor, probability: 0.05 }),
    crash({ node: n4, at: s(6.5), for: s(3) }),
  ];
}

type State = GossipState<unknown>;

/** Counts of one incarnation stay far below this. */
const BEATS = 1e9;

/** A count takes the place of SWIM's incarnation: only its owner raises it, and the higher one stands. */
function* opinions(members: State['members']): Generator<[string, MemberOpinion]> {
  for (const [id, { status, incarnation, heartbeat }] of members)
    yield [id, { status, incarnation: incarnation * BEATS + heartbeat }];
}

const viewOf = ({ round, incarnation, heartbeat, members, revision }: State): SwimView => ({
  incarnation: incarnation * BEATS + heartbeat,
  period: round,
  // A round is a change too: of one's own count.
  revision: revision * BEATS + heartbeat,
  members: opinions(members),
});

export function gossipGroupChecks({ members }: GossipGroup): readonly Check[] {
  const roles = ['member'];
  return [
    ...swimInvariants<State>({
      view: viewOf,
      // The detector's ten, and as many again whenever gossip from elsewhere brings a higher last count.
      noticedWithin: { periods: 40 },
      accuracy: missedByTwo(s(4)),
      roles,
    }),
    mostAgree<State>(members, (state, id) => state.members.get(id)?.status === 'alive'),
    sometimes(
      'somebody is missed',
      (view) => members.some((member) => [...(view.state<State>(member)?.members.values() ?? [])].some(isMissed)),
      { roles },
    ),
  ];
}

const isMissed = ({ status }: { readonly status: string }): boolean => status !== 'alive';

/** Accuracy is owed, whatever the faults, to who has not been missed by two others lately: by what their own failure detectors say. */
const missedByTwo = (lately: Micros): AccuracyClaim => ({
  name: 'no live node is declared dead that only one other misses',
  promise: 'a single member in trouble, which misses the others, has nobody declared dead',
  begin: (view) => new Misses(view, lately),
});

/** Who has missed whom, and when last. */
class Misses implements AccuracyWatch {
  private readonly view: RunView;
  private readonly lately: Micros;
  /** By who is missed, and by whom. */
  private readonly missed = new Map<string, Map<string, Micros>>();

  constructor(view: RunView, lately: Micros) {
    this.view = view;
    this.lately = lately;
  }

  handled({ id, status, state }: NodeView): void {
    if (status !== 'up') return;
    for (const member of (state as State).members.values()) {
      if (!member.accusers.includes(id)) continue;
      const misses = this.missed.get(member.id) ?? new Map<string, Micros>();
      this.missed.set(member.id, misses.set(id, this.view.now));
    }
  }

  mistake(_observer: string, member: string): string | undefined {
    const since = this.view.now - this.lately;
    // Who stands still has not changed its mind.
    const isStill = (id: string): boolean | undefined =>
      this.view.state<State>(id)?.members.get(member)?.accusers.includes(id);
    const missing = [...(this.missed.get(member) ?? [])].flatMap(([id, at]) =>
      at >= since || isStill(id) ? [id] : [],
    );
    if (missing.length >= 2) return undefined;
    return `it is up, and ${missing.length === 0 ? 'nobody has missed it' : `only ${missing.join()} misses it`}`;
  }
}

const limits: NemesisLimits = { quietAfter: s(5), maxDuration: s(4) };

export const gossipGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
