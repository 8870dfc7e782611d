/**
 * How news of members spreads in SWIM: on the back of the messages that are sent anyway (§4.1). Each member sends what it has learned
 * λ⌈ln(n + 1)⌉ times and then no more; what has been sent least goes first. What is sent is the opinion as it stands then.
 */
import type { Context } from '../../sim/index.ts';
import { isPresent, overrides } from './opinion.ts';
import { insertProbed, removeProbed } from './probe-order.ts';
import { spreadTime, type SwimSettings } from './swim-options.ts';
import { copyRef, type MemberNews, type SwimRef } from './swim-protocol.ts';
import type { SwimMember, SwimState } from './swim-state.ts';

type SwimContext = Context<SwimState>;

const ownNews = (state: SwimState, ctx: SwimContext): MemberNews => ({
  member: ctx.self as SwimRef,
  status: state.status === 'left' ? 'left' : 'alive',
  incarnation: state.incarnation,
});

const newsOf = ({ member, status, incarnation }: SwimMember): MemberNews => ({
  member: copyRef(member),
  status,
  incarnation,
});

/** All that it knows. */
export const everything = (state: SwimState, ctx: SwimContext): MemberNews[] => [
  ownNews(state, ctx),
  ...Array.from(state.members.values(), newsOf),
];

/** What a message to `to` carries. Who is thought to be away is told so in any case, and can refute it. */
export function piggybacked(state: SwimState, to: SwimRef, settings: SwimSettings, ctx: SwimContext): MemberNews[] {
  const about = state.members.get(to.id);
  const accused = about !== undefined && about.status !== 'alive' ? [newsOf(about)] : [];
  if (state.news.size === 0) return accused;
  const waiting = [...state.news].toSorted(([, a], [, b]) => a - b).slice(0, settings.piggyback);
  const often = settings.retransmit * spreadTime(state.members.size + 1);
  for (const [id, sent] of waiting) {
    if (sent + 1 >= often) state.news.delete(id);
    else state.news.set(id, sent + 1);
  }
  for (const [id] of waiting) {
    if (id === to.id) continue;
    const known = state.members.get(id);
    accused.push(known === undefined ? ownNews(state, ctx) : newsOf(known));
  }
  return accused;
}

/** From now on it passes on what it thinks of `id`. */
export const spread = (state: SwimState, id: string): void => void state.news.set(id, 0);

/** Takes in what a message has brought. */
export function learn(state: SwimState, news: readonly MemberNews[], settings: SwimSettings, ctx: SwimContext): void {
  for (const one of news) {
    if (one.member.id === ctx.self.id) refute(state, one, settings, ctx);
    else take(state, one, settings, ctx);
  }
}

/** What is said of oneself is wrong unless one has said it; a higher incarnation of one's own is from a former life. */
function refute(state: SwimState, { status, incarnation }: MemberNews, settings: SwimSettings, ctx: SwimContext): void {
  if (state.status === 'left') return;
  const isAccused = status !== 'alive' && incarnation >= state.incarnation;
  if (!isAccused && incarnation <= state.incarnation) return;
  state.incarnation = incarnation + 1;
  state.revision++;
  spread(state, ctx.self.id);
  if (!isAccused) return;
  state.health = Math.min(settings.maxHealth, state.health + 1);
  ctx.count('refutations');
}

function take(state: SwimState, one: MemberNews, settings: SwimSettings, ctx: SwimContext): void {
  const known = state.members.get(one.member.id);
  if (known !== undefined && !overrides(one, known)) return;
  const isHearsay = one.status === 'dead' && !settings.trustDeaths;
  if (isHearsay && known !== undefined && known.status !== 'alive' && known.incarnation === one.incarnation) return;
  setOpinion(state, isHearsay ? { ...one, status: 'suspect' } : one, ctx);
}

/** Changes its mind about a member, and passes that on. */
export function setOpinion(state: SwimState, { member, status, incarnation }: MemberNews, ctx: SwimContext): void {
  const { id } = member;
  const before = state.members.get(id);
  const present = isPresent({ status, incarnation });
  if (before === undefined) {
    state.members.set(id, { member: copyRef(member), status, incarnation, suspectedIn: state.period });
  } else {
    before.status = status;
    before.incarnation = incarnation;
    before.suspectedIn = state.period;
  }
  const isProbed = state.probes.order.includes(id);
  if (present && !isProbed) insertProbed(state.probes, id, ctx.random);
  if (!present && isProbed) removeProbed(state.probes, id);
  state.revision++;
  spread(state, id);
  if (status === 'dead') ctx.count('declared-dead');
  ctx.note(`takes ${id} for ${status} (incarnation ${incarnation})`);
}
