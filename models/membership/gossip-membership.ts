/**
 * Who is there, by gossip about heartbeats (van Renesse, Minsky and Hayden, "A gossip-style failure detection service", 1998).
 *
 * Every member counts a heartbeat up once a round and exchanges the highest counts that it has heard of, of everybody, with one member
 * chosen at random: it tells them (push), asks for them (pull), or both. A count reaches n members after O(log n) rounds
 * whatever single links do, so who is missed is missed by way of everybody. Whose count has not risen for as long as the failure
 * detector takes is accused, and the accusation is gossiped with the count that it is about: a higher count refutes it.
 *
 * A member is dead when `witnesses` members miss it at the same time. With one, the original, each decides for itself: a member that
 * hears nobody (links that work one way, a long pause) takes the whole group for dead and acts as if it were alone. With two, a
 * single member's trouble kills nobody. Promises: no member is declared dead unless so many have missed it; a crash is suspected by
 * every member once its detector has had enough of the silence, however many messages are lost; who has been declared dead comes back
 * with its next heartbeat.
 *
 * Counts are ordered by incarnation first: after a crash a member counts from 0, finds its old count in what it hears, and goes on with a
 * higher incarnation. Entries of the dead are kept: the original drops them after twice the timeout. As in Cassandra, now and then
 * a dead member is told as well, so that a healed group finds its halves.
 */
import { ConfigError, defineActor, parseDuration, type Actor, type Context, type Duration } from '../../sim/index.ts';
import { checkDirection, type Direction } from './direction.ts';
import { suspects, type FailureDetector } from './failure-detector.ts';
import type { GossipEntry, GossipMember, GossipProtocol, GossipRef, GossipState } from './gossip-state.ts';

export interface GossipMembershipOptions<D> {
  /** The group. */
  readonly nodes: readonly GossipRef[];
  /** How long silence is no proof: see fixed-timeout.ts and phi-accrual.ts. It should last for some rounds more than gossip takes. */
  readonly detector: FailureDetector<D>;
  /** One round. Default 1 s. */
  readonly period?: Duration;
  /** Default `push-pull`. */
  readonly direction?: Direction;
  /** How many must miss a member before it is declared dead, at least 1. Default 2. */
  readonly witnesses?: number;
  /** Members begin their rounds at random instants, rather than all at once. Default true. */
  readonly stagger?: boolean;
}

type GossipContext<D> = Context<GossipState<D>>;

/** For the accusers of nearly everybody. */
const NOBODY: readonly string[] = Object.freeze([]);

/** Counters: declared-dead, accusations. Throws ConfigError. */
export function gossipMembership<D>(options: GossipMembershipOptions<D>): Actor<GossipState<D>, GossipProtocol> {
  const group = new Group(options);
  return defineActor<GossipState<D>, GossipProtocol>({
    role: 'member',
    init: (ctx) => group.boot(ctx),
    start(_state, ctx) {
      ctx.setTimer('round', group.stagger ? ctx.random.between(1, group.period) : group.period);
    },
    on: {
      gossip(state, { from, entries, answer }, ctx) {
        group.merge(state, entries, ctx);
        if (answer) group.tell(state, from, false, ctx);
      },
    },
    timers: {
      round(state, ctx) {
        ctx.setTimer('round', group.period);
        group.round(state, ctx);
      },
    },
  });
}

/** What a member does. Holds options only. */
class Group<D> {
  readonly period: number;
  readonly stagger: boolean;
  private readonly nodes: readonly GossipRef[];
  private readonly detector: FailureDetector<D>;
  private readonly direction: Direction;
  private readonly witnesses: number;

  constructor(options: GossipMembershipOptions<D>) {
    const { nodes, detector, direction = 'push-pull', witnesses = 2, stagger = true } = options;
    this.period = parseDuration(options.period ?? '1s', 'gossipMembership.period');
    if (this.period < 1) throw new ConfigError('gossipMembership.period', options.period, 'a duration above 0');
    checkDirection(direction, 'gossipMembership.direction');
    if (!Number.isSafeInteger(witnesses) || witnesses < 1)
      throw new ConfigError('gossipMembership.witnesses', witnesses, 'a whole number of at least 1');
    this.nodes = nodes;
    this.detector = detector;
    this.direction = direction;
    this.witnesses = witnesses;
    this.stagger = stagger;
  }

  boot(ctx: GossipContext<D>): GossipState<D> {
    const now = ctx.clock.monotonic;
    const members = new Map<string, GossipMember<D>>();
    for (const { id, index } of this.nodes)
      if (id !== ctx.self.id) members.set(id, this.member({ id, index, incarnation: 0, heartbeat: 0 }, now));
    return { round: 0, incarnation: 0, heartbeat: 0, members, revision: 0 };
  }

  round(state: GossipState<D>, ctx: GossipContext<D>): void {
    state.round++;
    state.heartbeat++;
    const now = ctx.clock.monotonic;
    const present: GossipRef[] = [];
    const dead: GossipRef[] = [];
    for (const member of state.members.values()) {
      if (!member.accusers.includes(ctx.self.id) && suspects(this.detector, member.watch, now)) {
        member.accusers.push(ctx.self.id);
        ctx.count('accusations');
        this.judge(state, member, ctx);
      }
      const { id, index } = member;
      (member.status === 'dead' ? dead : present).push({ id, index });
    }
    if (present.length > 0) this.exchange(state, ctx.random.pick(present), ctx);
    // Cassandra's odds: the fewer there are to talk to, the more often somebody dead is tried.
    if (dead.length > 0 && ctx.random.chance(dead.length / (present.length + dead.length)))
      this.exchange(state, ctx.random.pick(dead), ctx);
  }

  private exchange(state: GossipState<D>, to: GossipRef, ctx: GossipContext<D>): void {
    if (this.direction === 'pull') ctx.send(to, 'gossip', { from: ctx.self as GossipRef, entries: [], answer: true });
    else this.tell(state, to, this.direction === 'push-pull', ctx);
  }

  tell(state: GossipState<D>, to: GossipRef, answer: boolean, ctx: GossipContext<D>): void {
    const { incarnation, heartbeat } = state;
    const entries: GossipEntry[] = [
      { id: ctx.self.id, index: ctx.self.index, incarnation, heartbeat, accusers: NOBODY },
    ];
    for (const member of state.members.values()) {
      entries.push({
        id: member.id,
        index: member.index,
        incarnation: member.incarnation,
        heartbeat: member.heartbeat,
        accusers: member.accusers.length === 0 ? NOBODY : [...member.accusers],
      });
    }
    ctx.send(to, 'gossip', { from: ctx.self as GossipRef, entries, answer });
  }

  merge(state: GossipState<D>, entries: readonly GossipEntry[], ctx: GossipContext<D>): void {
    const now = ctx.clock.monotonic;
    for (const entry of entries) {
      const member = state.members.get(entry.id);
      if (entry.id === ctx.self.id) outlive(state, entry);
      else if (member === undefined) this.meet(state, entry, now);
      else if (isLater(entry, member)) {
        // Who has come back is watched anew: the time that it was down says nothing about how even its heartbeats are.
        if (entry.incarnation > member.incarnation) member.watch = this.detector.watch(now);
        else this.detector.heard(member.watch, now);
        member.incarnation = entry.incarnation;
        member.heartbeat = entry.heartbeat;
        if (member.accusers.length > 0 || entry.accusers.length > 0) {
          member.accusers = [...entry.accusers];
          this.judge(state, member, ctx);
        }
      } else if (entry.accusers.length > 0 && !isLater(member, entry)) {
        const others = entry.accusers.filter((id) => !member.accusers.includes(id));
        member.accusers.push(...others);
        if (others.length > 0) this.judge(state, member, ctx);
      }
    }
  }

  private meet(state: GossipState<D>, entry: GossipEntry, now: number): void {
    state.members.set(entry.id, this.member(entry, now));
    state.revision++;
  }

  private member({ id, index, incarnation, heartbeat }: Omit<GossipEntry, 'accusers'>, now: number): GossipMember<D> {
    const watch = this.detector.watch(now);
    return { id, index, status: 'alive', incarnation, heartbeat, accusers: [], watch };
  }

  private judge(state: GossipState<D>, member: GossipMember<D>, ctx: GossipContext<D>): void {
    const count = member.accusers.length;
    const status = count === 0 ? 'alive' : count < this.witnesses ? 'suspect' : 'dead';
    // A heartbeat that has risen makes it another opinion even if it is called the same.
    state.revision++;
    if (status === 'dead' && member.status !== 'dead') {
      ctx.count('declared-dead');
      ctx.note(`declares ${member.id} dead: ${member.accusers.join(' and ')} miss it`);
    }
    member.status = status;
  }
}

const isLater = (a: Pick<GossipEntry, 'incarnation' | 'heartbeat'>, b: typeof a): boolean =>
  a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.heartbeat > b.heartbeat);

/** What is known of oneself and is not one's own doing is from a former life. */
function outlive<D>(state: GossipState<D>, entry: GossipEntry): void {
  if (!isLater(entry, state)) return;
  state.incarnation = entry.incarnation + 1;
  state.heartbeat = 0;
  state.revision++;
}
