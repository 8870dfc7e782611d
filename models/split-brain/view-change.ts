/**
 * From one view to the next (group membership with a primary component: Ricciardi and Birman, "Using process groups to implement failure
 * detection in asynchronous environments", PODC 1991; the flush is that of virtual synchrony, Birman and Joseph, 1987).
 *
 * One member proposes; everyone in the new view agrees, to one successor at a time, and stops adding; the proposer brings all their sets
 * together and everyone takes them with the new view. What was acknowledged in the old view was with all its members, so whoever of
 * them is in the new one brings it along.
 */
import { CallError, copyOf, reject, type Flow } from '../../sim/index.ts';
import { synced, writeMeta, writeSets, written } from './member-disk.ts';
import { nodeNamed, type MemberSettings, type Reconciliation } from './member-settings.ts';
import type { Agreed, Installation, MemberContext, MemberState, Proposal, Sets } from './member-state.ts';
import { isMajority } from './resolvers/keep-majority.ts';

/** Makes a view of these members, or fails quietly: the next heartbeat tries again. */
export function* changeView(
  kept: readonly string[],
  joining: readonly string[],
  settings: MemberSettings,
  ctx: MemberContext,
): Flow {
  try {
    const { epoch: base } = ctx.state.view;
    yield* askArbiter(kept, settings, ctx);
    const members = [...kept, ...joining];
    const agreed = members.map((name) => (name === ctx.self.id ? ctx.state : ctx.state.peers[name])?.promised ?? 0);
    const view = { epoch: Math.max(...agreed) + 1, members };
    const proposal: Proposal = { base, kept: [...kept], view };
    const answers = yield* ctx.all<Agreed>(
      members.map((name) =>
        name === ctx.self.id
          ? agree(proposal, settings, ctx)
          : ctx.call(nodeNamed(settings, name), 'propose', proposal, { deadline: settings.attempt }),
      ),
    );
    const installation: Installation = { view, ...together(answers, settings.reconcile) };
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

function* askArbiter(side: readonly string[], { resolver, attempt }: MemberSettings, ctx: MemberContext): Flow {
  const { arbiter } = resolver;
  const { epoch, members: view } = ctx.state.view;
  if (arbiter === undefined || side.length === view.length) return;
  if (!isMajority({ view, side })) yield* ctx.sleep(arbiter.minorityDelay);
  yield* ctx.call(arbiter.node, 'acquire', { epoch, side: [...side] }, { deadline: attempt });
}

/** Agrees to a successor of this member's view. Refuses a second one with an epoch that is not higher. */
export function* agree({ base, kept, view }: Proposal, { resolver }: MemberSettings, ctx: MemberContext): Flow<Agreed> {
  const joins = written(ctx, (state) => {
    const { role, promised } = state;
    if (role === 'stopped') throw reject('stopped', `${ctx.self.id} has to be restarted`);
    if (view.epoch <= promised) throw reject('promised', `${ctx.self.id} has agreed to ${promised}`);
    const isKept = kept.includes(ctx.self.id);
    if (isKept === (role === 'joining') || (isKept && !mayFollow(state, { base, kept, view }, resolver.survives))) {
      throw reject('other-view', `${ctx.self.id} is in view ${state.view.epoch}, not in ${base}`);
    }
    writeMeta(state, { view: state.view, promised: view.epoch }, ctx);
    return role === 'joining';
  });
  yield* synced(ctx);
  const { sets, touchedAt } = ctx.state;
  return { joins, sets: copyOf(sets) as Sets, touchedAt: copyOf(touchedAt) };
}

function mayFollow(
  { view: { epoch, members } }: MemberState,
  { base, kept }: Proposal,
  survives: MemberSettings['resolver']['survives'],
): boolean {
  return base === epoch && (kept.length === members.length || survives({ view: members, side: kept }));
}

/** Takes the new view, if it is the one that was agreed to last. */
export function* install(
  { view, sets, touchedAt }: Installation,
  ctx: MemberContext,
): Flow<{ readonly epoch: number }> {
  const superseded = (): void => {
    const { promised, role } = ctx.state;
    if (role === 'stopped') throw reject('stopped', `${ctx.self.id} has to be restarted`);
    if (promised !== view.epoch) throw reject('superseded', `${ctx.self.id} has agreed to ${promised}`);
  };
  superseded();
  if (ctx.state.view.epoch === view.epoch) return { epoch: view.epoch };
  // The sets first: a view without its elements must never be what a crash leaves.
  written(ctx, () => writeSets(view.epoch, { sets: copyOf(sets) as Sets, touchedAt: copyOf(touchedAt) }, ctx));
  yield* synced(ctx);
  superseded();
  written(ctx, (state) => {
    writeMeta(state, { view, promised: view.epoch }, ctx);
    state.sets = copyOf(sets) as Sets;
    state.touchedAt = copyOf(touchedAt);
    state.role = 'member';
  });
  yield* synced(ctx);
  return { epoch: view.epoch };
}

/** What everyone has: members' sets united, and of those who join what the policy keeps. */
function together(answers: readonly Agreed[], reconcile: Reconciliation): Pick<Installation, 'sets' | 'touchedAt'> {
  const merged: Pick<Agreed, 'sets' | 'touchedAt'> = { sets: {}, touchedAt: {} };
  const touchedAt: Record<string, number> = {};
  const unite = (one: Agreed, key: string): void => {
    merged.sets[key] = { ...merged.sets[key], ...one.sets[key] };
    touchedAt[key] = Math.max(touchedAt[key] ?? 0, one.touchedAt[key] ?? 0);
  };
  for (const one of answers) if (!one.joins) for (const key of Object.keys(one.sets)) unite(one, key);
  for (const one of answers) {
    if (!one.joins || reconcile === 'discard') continue;
    for (const key of Object.keys(one.sets)) {
      if (reconcile === 'merge') unite(one, key);
      else if ((one.touchedAt[key] ?? 0) > (touchedAt[key] ?? 0)) {
        merged.sets[key] = { ...one.sets[key] };
        touchedAt[key] = one.touchedAt[key] ?? 0;
      }
    }
  }
  return { sets: merged.sets, touchedAt };
}
