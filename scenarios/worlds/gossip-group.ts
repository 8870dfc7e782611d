/** Six members that gossip about heartbeats; what differs is how many must miss somebody before it is declared dead. */
import {
  crash,
  eventually,
  loss,
  ms,
  partitionOneWay,
  s,
  sometimes,
  swimInvariants,
  type Check,
  type CheckRun,
  type Fault,
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
  type GossipProtocol,
  type GossipRef,
  type GossipState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS } from './claims.ts';
import { crashIsKnown } from './crash-is-known.ts';
import { verdictOf, type Finding } from './finding.ts';

export interface GossipGroup {
  readonly members: readonly GossipRef[];
}

export interface GossipGroupOptions {
  readonly world: WorldBuilder;
  readonly witnesses: number;
  readonly direction: 'push' | 'pull' | 'push-pull';
  readonly detector: 'timeout' | 'phi';
}

const SIZE = 6;
const PERIOD = ms(150);
/** Ten rounds: with one message in twenty lost, gossip between six needs three or four. */
const TIMEOUT = 10 * PERIOD;

/** Places n1 … n6. */
export function gossipGroup({ world, witnesses, direction, detector }: GossipGroupOptions): GossipGroup {
  const members = world.refs<GossipProtocol>('n', SIZE);
  const common = { nodes: members, period: PERIOD, direction, witnesses };
  const timed = gossipMembership({ ...common, detector: fixedTimeout({ timeout: TIMEOUT }) });
  const phi = phiAccrual({ threshold: 10, window: 100, firstGap: PERIOD, acceptablePause: TIMEOUT / 2 });
  const accrued = gossipMembership({ ...common, detector: phi });
  for (const member of members)
    if (detector === 'timeout') world.node(member, { actor: timed });
    else world.node(member, { actor: accrued });
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
const viewOf = ({ incarnation, heartbeat, members, revision }: State): SwimView => ({
  incarnation: incarnation * BEATS + heartbeat,
  // A round is a change too: of one's own count.
  revision: revision * BEATS + heartbeat,
  members: Array.from(members, ([id, { status, incarnation: life, heartbeat: beat }]) => [
    id,
    { status, incarnation: life * BEATS + beat },
  ]),
});

export function gossipGroupChecks({ members }: GossipGroup): readonly Check[] {
  const roles = ['member'];
  // A fault may stay with a minority for ever, a pause with an observer: what is owed then is said by the first two.
  const laws = swimInvariants<State>({ view: viewOf, noticedWithin: s(14), roles }).filter(isAlways);
  const core = Math.floor(members.length / 2) + 1;
  return [
    missedByTwo(s(4)),
    crashIsKnown<State>({
      name: 'a crashed node is known by all within 40 rounds',
      // The detector's ten, and as many again whenever gossip from elsewhere brings a higher last count.
      within: 40,
      period: (state) => state.round,
      believes: (state, id) => state.members.get(id)?.status === 'alive',
    }),
    ...laws,
    eventually('most members agree who is there', (view) => agreeing(view, members) >= core, { roles, within: s(4) }),
    sometimes(
      'somebody is missed',
      (view) => members.some((member) => [...(view.state<State>(member)?.members.values() ?? [])].some(isMissed)),
      { roles },
    ),
  ];
}

const isAlways = ({ kind }: Check): boolean => kind === 'always';
const isMissed = ({ status }: { readonly status: string }): boolean => status !== 'alive';

function agreeing(view: RunView, members: readonly GossipRef[]): number {
  const states = members.map((member) => view.state<State>(member));
  const believed = members.map(({ id }) => states.filter((state) => state?.members.get(id)?.status === 'alive').length);
  return believed.filter((others) => others >= Math.floor(members.length / 2)).length;
}

/** Whoever is declared dead, and is up, has been missed by two others lately: by what their own failure detectors say. */
function missedByTwo(lately: Micros): Check {
  const name = 'no live node is declared dead that only one other misses';
  return {
    name,
    kind: 'always',
    promise: 'a single member in trouble, which misses the others, has nobody declared dead',
    watches: (view) => view.nodes.filter(({ role }) => role === 'member').map(({ id }) => id),
    begin(view): CheckRun {
      const misses = new Misses(view, lately);
      return {
        handled: (node) => misses.handled(node),
        finish: () => verdictOf(name, 'always', misses.found, `${misses.declared} were declared dead`),
      };
    },
  };
}

/** Who has missed whom, and when last. */
class Misses {
  found: Finding | undefined;
  declared = 0;
  private readonly view: RunView;
  private readonly lately: Micros;
  private readonly revisions = new Map<string, string>();
  private readonly dead = new Map<string, Set<string>>();
  private readonly missed = new Map<string, Map<string, Micros>>();

  constructor(view: RunView, lately: Micros) {
    this.view = view;
    this.lately = lately;
  }

  handled({ id, status, life, state }: NodeView): void {
    if (status !== 'up') return;
    const { members, revision } = state as State;
    const version = `${life}/${revision}`;
    if (this.revisions.get(id) === version) return;
    this.revisions.set(id, version);
    const dead = this.dead.get(id) ?? new Set<string>();
    this.dead.set(id, dead);
    for (const member of members.values()) {
      const misses = this.missed.get(member.id) ?? new Map<string, Micros>();
      this.missed.set(member.id, misses);
      if (member.accusers.includes(id)) misses.set(id, this.view.now);
      if (member.status !== 'dead') dead.delete(member.id);
      else if (!dead.has(member.id)) {
        dead.add(member.id);
        this.judge(id, member.id, misses);
      }
    }
  }

  private judge(observer: string, member: string, misses: ReadonlyMap<string, Micros>): void {
    this.declared++;
    const { now } = this.view;
    const missing = [...misses].flatMap(([id, at]) => (at >= now - this.lately ? [id] : []));
    if (missing.length >= 2 || this.view.node(member).status !== 'up') return;
    const who = missing.length === 0 ? 'nobody has missed it' : `only ${missing.join()} misses it`;
    const sentence = `${observer} declares ${member} dead, which is up, although ${who}`;
    this.found ??= { sentence, at: now, nodes: [observer, member] };
  }
}

const limits: NemesisLimits = { quietAfter: s(5), maxDuration: s(4) };

export const gossipGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
