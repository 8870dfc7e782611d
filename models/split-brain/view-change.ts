/**
 * From one view to the next (group membership with a primary component: Ricciardi and Birman, "Using process groups to implement failure
 * detection in asynchronous environments", PODC 1991; the flush is that of virtual synchrony, Birman and Joseph, 1987).
 *
 * One member proposes; everyone in the new view agrees, to one successor at a time, and stops adding; the proposer brings all their sets
 * together and everyone takes them with the new view. What was acknowledged in the old view was with all its members, so whoever of
 * them is in the new one brings it along.
 *
 * A view may come to some of its members and not to others, who have agreed to it and then are cut off. The ones could shrink it
 * further, while the others, still in the old view, make another successor of that. So who has agreed to a view agrees to
 * another one only if that takes along a side of the first that may go on: then what is left of the first may not (the ambiguous sessions of
 * Yeger Lotem, Keidar and Dolev, "Dynamic voting for consistent primary components", PODC 1997; here none is forgotten before
 * a view comes).
 */
import { CallError, copyOf, reject, type Flow } from '../../sim/index.ts';
import { synced, writeMeta, writeSets, written } from './member-disk.ts';
import { nodeNamed, type MemberSettings, type Reconciliation } from './member-settings.ts';
import {
  promised,
  type Holdings,
  type Installation,
  type MemberContext,
  type MemberState,
  type Proposal,
  type Sets,
  type View,
} from './member-state.ts';
import { isMajority } from './resolvers/keep-majority.ts';
import { attemptsOf, isSameView, isWhole, mayGoOn, splitsOf, type ViewSplit } from './sides.ts';

/** Makes a view of these members, or fails quietly: the next heartbeat tries again. */
export function* changeView(
  kept: readonly string[],
  joining: readonly string[],
  settings: MemberSettings,
  ctx: MemberContext,
): Flow {
  try {
    const base = copyOf(ctx.state.view);
    const members = [...kept, ...joining];
    const instead = copyOf(attemptsOf(kept, ctx.state, ctx.self.id)) as readonly View[];
    yield* askArbiter(splitsOf(base, kept, instead, members), settings, ctx);
    const view = nextView(members, ctx);
    const proposal: Proposal = { base: base.epoch, kept: [...kept], instead, view };
    const answers = yield* ctx.all<Holdings>(
      members.map((name) =>
        name === ctx.self.id
          ? agree(proposal, settings, ctx)
          : ctx.call(nodeNamed(settings, name), 'propose', proposal, { deadline: settings.attempt }),
      ),
    );
    const brought = together(answers.slice(0, kept.length), answers.slice(kept.length), settings.reconcile);
    const installation: Installation = { view, ...brought };
    yield* install(installation, ctx);
    const others = members.filter((name) => name !== ctx.self.id);
    yield* ctx.all(
      others.map((name) =>
        ctx.call(nodeNamed(settings, name), 'install', copyOf(installation), { deadline: settings.attempt }),
      ),
    );
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  } finally {
    ctx.update((state) => {
      state.changing = false;
    });
  }
}

/**
 * A view that all have agreed to who have agreed to any as late: proposed again, not another one like it, since who has it by now refuses
 * it. Or else a later one.
 */
function nextView(members: readonly string[], { self, state }: MemberContext): View {
  const heard = members.flatMap((name) => (name === self.id ? state : state.peers[name]) ?? []);
  const latest = Math.max(...heard.map(promised));
  const again = { epoch: latest, members };
  const isAgain = heard.every((one) => promised(one) < latest || one.attempts.some((view) => isSameView(view, again)));
  return isAgain ? again : { epoch: latest + 1, members };
}

function* askArbiter(
  splits: readonly ViewSplit[],
  { resolver: { arbiter }, attempt }: MemberSettings,
  ctx: MemberContext,
): Flow {
  const parts = splits.filter((split) => !isWhole(split));
  if (arbiter === undefined || parts.length === 0) return;
  if (!parts.every(isMajority)) yield* ctx.sleep(arbiter.minorityDelay);
  for (const { epoch, side } of parts)
    yield* ctx.call(arbiter.node, 'acquire', { epoch, side: [...side] }, { deadline: attempt });
}

/** Agrees to a successor of this member's view. Refuses a second one with an epoch that is not higher, or that leaves the first open. */
export function* agree(proposal: Proposal, settings: MemberSettings, ctx: MemberContext): Flow<Holdings> {
  const { base, kept, view } = proposal;
  written(ctx, (state) => {
    const { role, attempts } = state;
    if (role === 'stopped') throw reject('stopped', `${ctx.self.id} has to be restarted`);
    const last = attempts.at(-1);
    const isAgain = last !== undefined && isSameView(last, view);
    if (view.epoch <= promised(state) && !isAgain)
      throw reject('promised', `${ctx.self.id} has agreed to ${promised(state)}`);
    const isKept = kept.includes(ctx.self.id);
    if (isKept === (role === 'joining') || (isKept && !mayFollow(state, proposal, settings))) {
      throw reject('other-view', `${ctx.self.id} is in view ${state.view.epoch}, not in ${base}`);
    }
    if (!isAgain) writeMeta(state, { view: state.view, attempts: [...attempts, view] }, ctx);
  });
  yield* synced(ctx);
  const { sets, touchedAt } = ctx.state;
  return { sets: copyOf(sets) as Sets, touchedAt: copyOf(touchedAt) };
}

/** Whoever joins has given up its view, and what it has agreed to after it. */
function mayFollow(
  { view: own, attempts }: MemberState,
  { base, kept, instead, view }: Proposal,
  { resolver }: MemberSettings,
): boolean {
  return (
    base === own.epoch &&
    attempts.every((one) => instead.some((other) => isSameView(one, other))) &&
    mayGoOn(splitsOf(own, kept, attempts, view.members), resolver)
  );
}

/** Takes the new view, if it is the one that was agreed to last. */
export function* install(
  { view, sets, touchedAt }: Installation,
  ctx: MemberContext,
): Flow<{ readonly epoch: number }> {
  const superseded = (): void => {
    if (ctx.state.role === 'stopped') throw reject('stopped', `${ctx.self.id} has to be restarted`);
    const last = promised(ctx.state);
    if (last !== view.epoch) throw reject('superseded', `${ctx.self.id} has agreed to ${last}`);
  };
  superseded();
  if (ctx.state.view.epoch === view.epoch) return { epoch: view.epoch };
  // The sets first: a view without its elements must never be what a crash leaves.
  written(ctx, () => writeSets(view.epoch, { sets: copyOf(sets) as Sets, touchedAt: copyOf(touchedAt) }, ctx));
  yield* synced(ctx);
  superseded();
  written(ctx, (state) => {
    writeMeta(state, { view, attempts: [] }, ctx);
    state.sets = copyOf(sets) as Sets;
    state.touchedAt = copyOf(touchedAt);
    state.role = 'member';
  });
  yield* synced(ctx);
  return { epoch: view.epoch };
}

/** What everyone has: the sets of those who are kept united, and of those who join what the policy keeps. */
function together(kept: readonly Holdings[], joining: readonly Holdings[], reconcile: Reconciliation): Holdings {
  const sets: Sets = {};
  const touchedAt: Record<string, number> = {};
  const unite = (one: Holdings, key: string): void => {
    sets[key] = { ...sets[key], ...one.sets[key] };
    touchedAt[key] = Math.max(touchedAt[key] ?? 0, one.touchedAt[key] ?? 0);
  };
  for (const one of kept) for (const key of Object.keys(one.sets)) unite(one, key);
  if (reconcile === 'discard') return { sets, touchedAt };
  for (const one of joining) {
    for (const key of Object.keys(one.sets)) {
      if (reconcile === 'latest') {
        if ((one.touchedAt[key] ?? 0) <= (touchedAt[key] ?? 0)) continue;
        delete sets[key];
      }
      unite(one, key);
    }
  }
  return { sets, touchedAt };
}
