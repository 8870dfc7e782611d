/**
 * The coordinator of consumer groups: who is a member, who reads which partition, and how far the group has come (Kafka's group
 * coordinator; the protocol of KIP-62, with assignment at the coordinator as in KIP-848).
 *
 * Promises that in one generation a partition has one owner, and that only members of the present generation commit: a consumer that was
 * away for longer than its session finds its commits refused. It does not promise that the former owner has stopped: paused over a
 * message, it goes on with it when it wakes, while the new owner does it again. Generations and offsets are on disk before they count.
 *
 * A rebalance is eager: everybody lets go of everything, joins again, and gets an assignment (assignors/). Simplified: one coordinator,
 * with its own disk instead of the replicated topic __consumer_offsets; static membership (KIP-345) and cooperative
 * rebalancing (KIP-429) are left out.
 */
import {
  CallError,
  defineActor,
  parseDuration,
  parsePeriod,
  withFunctions,
  reject,
  type Actor,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { Assignor } from './assignors/assignor.ts';
import { rangeAssignor } from './assignors/range.ts';
import {
  allJoined,
  groupIn,
  GROUPS,
  recoveredGroups,
  type ConsumerGroup,
  type CoordinatorContext,
  type GroupCoordinatorState,
  type GroupMember,
  takeOffsets,
  type GroupRecord,
  type Offsets,
} from './group-state.ts';

export interface Membership {
  readonly group: string;
  readonly member: string;
  readonly generation: number;
}

export interface Joined {
  readonly generation: number;
  readonly partitions: readonly string[];
  /** By partition: the next offset to process. */
  readonly committed: Readonly<Record<string, number>>;
  /** By partition: the leader epoch of what was processed last, 0 for nothing: who leads in an earlier one is not to be read from. */
  readonly epochs: Readonly<Record<string, number>>;
}

export interface GroupCoordinatorProtocol {
  /** Waits for the next generation. `generation`: the one that the member acted in last, 0 at first. */
  join(request: Membership & { readonly topics: readonly string[] }): Joined;
  /** Refused with `rebalance-in-progress`, `illegal-generation`, `unknown-member`: join again. */
  heartbeat(request: Membership): void;
  /** Refused with `illegal-generation`, `unknown-member`. */
  commit(request: Membership & Offsets): void;
}

export type CoordinatorRef = NodeRef<GroupCoordinatorProtocol>;

export interface GroupCoordinatorOptions {
  /** How many partitions each topic has. */
  readonly topics: Readonly<Record<string, number>>;
  /** Default range, as Kafka's. */
  readonly assignor?: Assignor;
  /** A member that is silent for longer is taken off the group; above 0. Default 1 s (Kafka: 45 s); above the members' heartbeat interval. */
  readonly sessionTimeout?: Duration;
  /** How long members may take to join again, above 0. Default 2 s (Kafka: max.poll.interval.ms, 5 minutes). */
  readonly rebalanceTimeout?: Duration;
  /** How long an empty group waits for further members. Default 300 ms (Kafka: 3 s). */
  readonly initialDelay?: Duration;
}

interface Settings {
  readonly topics: Readonly<Record<string, number>>;
  readonly assignor: Assignor;
  readonly sessionTimeout: Micros;
  readonly rebalanceTimeout: Micros;
  readonly initialDelay: Micros;
}

const changed = (group: string): string => `group/${group}`;

/** Throws ConfigError naming the option. */
export function groupCoordinator(
  options: GroupCoordinatorOptions,
): Actor<GroupCoordinatorState, GroupCoordinatorProtocol> {
  const { topics, assignor = rangeAssignor } = options;
  withFunctions(assignor, ['assign'], 'groupCoordinator.assignor', 'one such as rangeAssignor');
  const sessionTimeout = parsePeriod(options.sessionTimeout ?? '1s', 'groupCoordinator.sessionTimeout');
  const rebalanceTimeout = parsePeriod(options.rebalanceTimeout ?? '2s', 'groupCoordinator.rebalanceTimeout');
  const initialDelay = parseDuration(options.initialDelay ?? '300ms', 'groupCoordinator.initialDelay');
  const settings: Settings = { topics, assignor, sessionTimeout, rebalanceTimeout, initialDelay };
  return defineActor<GroupCoordinatorState, GroupCoordinatorProtocol>({
    role: 'coordinator',
    init: () => ({ groups: {}, broken: false }),
    recover: recoveredGroups,
    start: (_state, ctx) => ctx.setTimer('sessions', Math.ceil(sessionTimeout / 4)),
    on: {
      heartbeat(state, request, ctx) {
        const { group, own } = memberIn(state, request);
        own.heardAt = ctx.clock.monotonic;
        if (group.phase === 'preparing') throw reject('rebalance-in-progress');
      },
    },
    flows: {
      join: (request, ctx) => join(request, settings, ctx),
      *commit(request, ctx) {
        ctx.update((state) => commit(state, request, ctx));
        yield* durable(ctx);
      },
    },
    timers: {
      sessions(state, ctx) {
        ctx.setTimer('sessions', Math.ceil(sessionTimeout / 4));
        if (state.broken) return;
        for (const [name, group] of Object.entries(state.groups)) expire(name, group, settings, ctx);
      },
    },
    phase: (state) => (state.broken ? 'broken' : 'coordinator'),
  });
}

function alive(state: GroupCoordinatorState): GroupCoordinatorState {
  if (state.broken) throw reject('disk-failed', 'the disk of the coordinator has failed', undefined, false);
  return state;
}

/** Throws CallError when the disk is full. */
const write = (record: GroupRecord, ctx: CoordinatorContext): void => ctx.disk.append(GROUPS, record);

function* durable(ctx: CoordinatorContext): Flow {
  yield* syncOrStop(ctx, (state) => void (state.broken = true));
  alive(ctx.state);
}

function memberIn(
  state: GroupCoordinatorState,
  { group: name, member, generation }: Membership,
): { readonly group: ConsumerGroup; readonly own: GroupMember } {
  const group = groupIn(alive(state), name);
  const own = group.members[member];
  if (own === undefined) throw reject('unknown-member', `${member} is not in ${name}`);
  if (generation !== group.generation)
    throw reject('illegal-generation', `${name} is in generation ${group.generation}`);
  return { group, own };
}

/** A connection keeps the order of what it carries; here a commit can come after a later one of its generation, and is passed over. */
function commit(state: GroupCoordinatorState, request: Membership & Offsets, ctx: CoordinatorContext): void {
  const { group, own } = memberIn(state, request);
  own.heardAt = ctx.clock.monotonic;
  const offsets: Record<string, number> = {};
  const epochs: Record<string, number> = {};
  for (const [partition, offset] of Object.entries(request.offsets)) {
    if (!own.assigned.includes(partition) || offset <= (group.committed[partition] ?? 0)) continue;
    offsets[partition] = offset;
    epochs[partition] = Math.max(request.epochs[partition] ?? 0, group.epochs[partition] ?? 0);
  }
  if (Object.keys(offsets).length === 0) return;
  write({ kind: 'commit', group: request.group, offsets, epochs }, ctx);
  takeOffsets(group, { offsets, epochs });
}

function* join(
  request: Membership & { readonly topics: readonly string[] },
  settings: Settings,
  ctx: CoordinatorContext,
): Flow<Joined> {
  const { group: name, member } = request;
  ctx.update((state) => {
    const group = groupIn(alive(state), name);
    const known = group.members[member];
    // It is in the present generation, and only the answer was lost.
    if (group.phase === 'stable' && known !== undefined && request.generation < group.generation) return;
    const heardAt = ctx.clock.monotonic;
    group.members[member] = { topics: [...request.topics], heardAt, joined: true, assigned: known?.assigned ?? [] };
    prepare(group, name, settings, ctx);
  });
  for (;;) {
    const group = groupIn(alive(ctx.state), name);
    const own = group.members[member];
    if (own === undefined) throw reject('unknown-member', `${member} is not in ${name}`);
    if (group.phase === 'stable' && !own.joined && group.durableGeneration === group.generation) {
      const partitions = [...own.assigned];
      const theirs = (of: Readonly<Record<string, number>>): Record<string, number> =>
        Object.fromEntries(partitions.map((partition) => [partition, of[partition] ?? 0]));
      const { generation, committed, epochs } = group;
      return { generation, partitions, committed: theirs(committed), epochs: theirs(epochs) };
    }
    if (group.phase === 'empty') throw reject('rebalance-in-progress', `${name} has no generation yet`);
    yield* ctx.wait(changed(name), settings.rebalanceTimeout);
  }
}

/** A rebalance begins, unless one is under way. */
function prepare(group: ConsumerGroup, name: string, settings: Settings, ctx: CoordinatorContext): void {
  ctx.signal(changed(name));
  if (group.phase === 'preparing') return;
  const earliest = group.phase === 'empty' ? settings.initialDelay : 0;
  group.phase = 'preparing';
  ctx.spawn(rebalance(name, earliest, settings, ctx));
}

function* rebalance(name: string, earliest: number, settings: Settings, ctx: CoordinatorContext): Flow {
  if (earliest > 0) yield* ctx.sleep(earliest);
  const latest = ctx.clock.monotonic + settings.rebalanceTimeout;
  for (;;) {
    const left = latest - ctx.clock.monotonic;
    if (left <= 0 || allJoined(groupIn(ctx.state, name))) break;
    try {
      yield* ctx.wait(changed(name), left);
    } catch (error) {
      if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
    }
  }
  try {
    const generation = ctx.update((state) => assign(groupIn(state, name), name, settings, ctx));
    yield* durable(ctx);
    ctx.update((state) => {
      const group = groupIn(state, name);
      group.durableGeneration = Math.max(group.durableGeneration, generation);
    });
  } catch (error) {
    // A full disk: there is no next generation yet, and the members ask again.
    if (!(error instanceof CallError)) throw error;
    ctx.update((state) => void (groupIn(state, name).phase = 'empty'));
  }
  ctx.signal(changed(name));
}

/** The next generation, of those that have joined. */
function assign(group: ConsumerGroup, name: string, { assignor, topics }: Settings, ctx: CoordinatorContext): number {
  const generation = group.generation + 1;
  write({ kind: 'generation', group: name, generation }, ctx);
  group.generation = generation;
  for (const [member, { joined }] of Object.entries(group.members)) if (!joined) delete group.members[member];
  const members = Object.entries(group.members);
  group.phase = members.length === 0 ? 'empty' : 'stable';
  if (members.length === 0) return generation;
  const subscriptions = members.map(([member, { topics: names, assigned }]) => ({
    member,
    topics: [...names],
    owned: [...assigned],
  }));
  const assignment = assignor.assign(subscriptions, topics);
  for (const [member, own] of members) {
    own.assigned = [...(assignment[member] ?? [])];
    own.joined = false;
    own.heardAt = ctx.clock.monotonic;
  }
  ctx.note(`${name}: generation ${generation}, ${members.map(([member]) => member).join(' ')}`);
  return generation;
}

/** Those who wait for a generation are not asked for heartbeats. */
function expire(name: string, group: ConsumerGroup, settings: Settings, ctx: CoordinatorContext): void {
  let gone = false;
  for (const [member, { heardAt, joined }] of Object.entries(group.members)) {
    if (joined || ctx.clock.monotonic - heardAt <= settings.sessionTimeout) continue;
    ctx.note(`${name}: the session of ${member} is over`);
    delete group.members[member];
    gone = true;
  }
  if (!gone) return;
  if (Object.keys(group.members).length === 0 && group.phase === 'stable') group.phase = 'empty';
  else prepare(group, name, settings, ctx);
}
