/**
 * A member of a group that keeps sets, and survives splits as its resolver says.
 *
 * Everyone beats to everyone. Who has not been heard for a while does not reach this node; the members of the view that reach one another
 * are its *side*. When a side has stayed the same for `stableAfter` and is less than the view, the resolver says whether it goes on, as
 * a view without the others, or leaves. Whoever is left out of a view joins again, as a new member, when it hears of that view.
 *
 * An element is acknowledged when every member of the view has it on disk, in that view. So a side that has not decided acknowledges
 * nothing, and under a safe rule (`resolver.ts`) at most one side ever does, whatever clocks and messages do; with `auto-down` both
 * do, and when they meet again one of them yields. Simplified: elements are only added; views are small enough to be sent whole.
 */
import { CallError, copyOf, defineActor, reject, type Actor, type Flow } from '../../sim/index.ts';
import type { Command, ReadReply, UpdateReply } from '../replication/command.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import { addElement, cutDamagedTail, readMember, synced, writeMeta, written } from './member-disk.ts';
import { memberSettings, nodeNamed, type MemberOptions, type MemberSettings } from './member-settings.ts';
import {
  promised,
  type Beat,
  type Copy,
  type Heard,
  type Installation,
  type MemberContext,
  type MemberProtocol,
  type MemberState,
  type View,
} from './member-state.ts';
import { attemptsOf, heardNow, mayGoOn, mutuallyReachable, splitsOf } from './sides.ts';
import { agree, changeView, install } from './view-change.ts';

/** The actor. Throws ConfigError naming the option. */
export function clusterMember(options: MemberOptions): Actor<MemberState, MemberProtocol> {
  const settings = memberSettings(options);
  return defineActor<MemberState, MemberProtocol>({
    role: 'member',
    init: () => {
      const members = settings.nodes.map(({ id }) => id);
      return { ...nobody(), role: 'member', view: { epoch: 1, members }, side: members };
    },
    recover: (disk, ctx) => {
      const found = readMember(disk);
      if (found === undefined) return nobody();
      return { ...nobody(), ...found, role: 'member', side: found.view.members, sideSince: ctx.clock.monotonic };
    },
    start(state, ctx) {
      cutDamagedTail(ctx);
      if (state.serial === 0 && state.role === 'member') {
        unlessDiskFull(() => writeMeta(state, state, ctx));
        ctx.spawn(synced(ctx));
      }
      ctx.setTimer('beat', settings.heartbeat);
    },
    timers: { beat: (state, ctx) => tick(state, settings, ctx) },
    on: {
      beat: (state, beat, ctx) => hear(state, beat, settings, ctx),
      read: (state, { key }, ctx): ReadReply => {
        mustBeIn(state, state.view.epoch, ctx);
        return { value: Object.keys(state.sets[key] ?? {}) };
      },
    },
    flows: {
      update: (command, ctx) => update(command, settings, ctx),
      copy: keep,
      propose: (proposal, ctx) => agree(proposal, settings, ctx),
      install,
      current: tell,
    },
    phase: ({ role }) => role,
  });
}

const nobody = (): MemberState => ({
  role: 'joining',
  view: { epoch: 0, members: [] },
  attempts: [],
  sets: {},
  touchedAt: {},
  peers: {},
  side: [],
  sideSince: 0,
  waitsSince: null,
  changing: false,
  serial: 0,
  firstCopy: 0,
});

function tick(state: MemberState, settings: MemberSettings, ctx: MemberContext): void {
  ctx.setTimer('beat', settings.heartbeat);
  if (state.role === 'stopped') return;
  const now = ctx.clock.monotonic;
  const hears = heardNow(state, ctx.self.id, now, settings);
  for (const node of settings.nodes) {
    if (node.id !== ctx.self.id) {
      ctx.send(node, 'beat', {
        from: ctx.self.id,
        role: state.role,
        view: copyOf(state.view),
        attempts: copyOf(state.attempts) as readonly View[],
        hears: [...hears],
      });
    }
  }
  if (state.role !== 'joining') decide(state, hears, settings, ctx);
}

function hear(state: MemberState, beat: Beat, settings: MemberSettings, ctx: MemberContext): void {
  const { from, role, view, attempts, hears } = beat;
  const now = ctx.clock.monotonic;
  const last = state.peers[from];
  const since = last === undefined ? 0 : now - last.at > settings.timeout ? now : last.since;
  const said = { view: copyOf(view), attempts: copyOf(attempts) as readonly View[], hears: [...hears] };
  state.peers[from] = { at: now, since, role, ...said };
  if (state.role === 'stopped' || state.role === 'joining' || role !== 'member') return;
  if (view.members.includes(ctx.self.id)) {
    // It has agreed to that view, and the installation went by it.
    if (view.epoch > state.view.epoch && view.epoch === promised(state)) ctx.spawn(catchUp(view, from, settings, ctx));
  } else if (outranks(view, state.view)) {
    ctx.note(`is not in view ${view.epoch}: joins again`);
    state.role = 'joining';
  }
}

function* catchUp({ epoch }: View, from: string, settings: MemberSettings, ctx: MemberContext): Flow {
  try {
    const asked = ctx.call(nodeNamed(settings, from), 'current', { epoch }, { deadline: settings.attempt });
    yield* install(yield* asked, ctx);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

/** Of two views that leave out each other's members: the later, the larger, the one with the lower first name. */
function outranks(a: View, b: View): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.members.length !== b.members.length) return a.members.length > b.members.length;
  return (a.members[0] ?? '') < (b.members[0] ?? '');
}

/** Whether anything has to be done about the view, and whether it is for this member to do it. */
function decide(state: MemberState, hears: readonly string[], settings: MemberSettings, ctx: MemberContext): void {
  const { view, peers } = state;
  const now = ctx.clock.monotonic;
  const self = ctx.self.id;
  const inView = view.members.filter((name) => name === self || (hears.includes(name) && isInView(peers[name], view)));
  const joiners = hears.filter((name) => name !== self && peers[name]?.role === 'joining');
  const hearsOf = (name: string): readonly string[] => (name === self ? hears : (peers[name]?.hears ?? []));
  const side = mutuallyReachable([...inView, ...joiners], hearsOf);
  if (side.join() !== state.side.join()) {
    state.side = side;
    state.sideSince = now;
  }
  const kept = inView.filter((name) => side.includes(name));
  const joining = joiners.filter((name) => side.includes(name));
  const attempts = attemptsOf(kept, state, self);
  const waits = attempts.length > 0;
  state.waitsSince = waits ? (state.waitsSince ?? now) : null;
  if (now - state.sideSince < settings.stableAfter) return;
  const isWhole = kept.length === view.members.length;
  const splits = splitsOf(view, kept, attempts, [...kept, ...joining]);
  const goesOn = kept.includes(self) && mayGoOn(splits, settings.resolver);
  state.role = goesOn ? 'member' : 'left';
  const isStuck = state.waitsSince !== null && now - state.waitsSince > settings.timeout;
  if (!goesOn || kept[0] !== self || state.changing || (isWhole && joining.length === 0 && !isStuck)) return;
  state.changing = true;
  ctx.spawn(changeView(kept, joining, settings, ctx));
}

/** In the same view as this member, as it says itself. */
const isInView = (peer: Heard | undefined, { epoch }: View): boolean =>
  peer !== undefined && (peer.role === 'member' || peer.role === 'left') && peer.view.epoch === epoch;

function mustBeIn(state: MemberState, epoch: number, ctx: MemberContext): void {
  const { role, view, attempts } = state;
  if (role === 'stopped') throw reject('stopped', `${ctx.self.id} has to be restarted`);
  if (role === 'member' && view.epoch === epoch && attempts.length === 0) return;
  throw reject('other-view', `${ctx.self.id} is ${role} of view ${view.epoch}, agreed to ${promised(state)}`);
}

/** A client's element: acknowledged when all of the view have it. */
function* update(command: Command, settings: MemberSettings, ctx: MemberContext): Flow<UpdateReply> {
  if (command.f !== 'add') throw reject('not-supported', `a member adds elements, and knows no ${command.f}`);
  const { key } = command;
  const value = String(command.value);
  const { epoch, members } = ctx.state.view;
  written(ctx, (state) => {
    mustBeIn(state, epoch, ctx);
    addElement(state, key, value, ctx);
  });
  const others = members.filter((name) => name !== ctx.self.id);
  try {
    yield* ctx.all<unknown>([
      synced(ctx),
      ...others.map((name) =>
        ctx.call(nodeNamed(settings, name), 'copy', { epoch, key, value }, { deadline: settings.attempt }),
      ),
    ]);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    // It is in some sets, and may come into all of them with the next view.
    throw reject('not-everywhere', `not every member of view ${epoch} has it: ${error.message}`, undefined, false);
  }
  return { applied: true };
}

function* keep({ epoch, key, value }: Copy, ctx: MemberContext): Flow<{ readonly epoch: number }> {
  written(ctx, (state) => {
    mustBeIn(state, epoch, ctx);
    addElement(state, key, value, ctx);
  });
  yield* synced(ctx);
  return { epoch };
}

function* tell({ epoch }: { readonly epoch: number }, ctx: MemberContext): Flow<Installation> {
  mustBeIn(ctx.state, epoch, ctx);
  yield* synced(ctx);
  const { view, sets, touchedAt } = ctx.state;
  return copyOf({ view, sets, touchedAt }) as Installation;
}
