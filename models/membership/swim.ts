/**
 * SWIM: who belongs to the group, and who of them is there (Das, Gupta and Motivala, DSN 2002).
 *
 * In each protocol period a member pings one other. Who has not answered by the ping timeout is pinged by K others on its behalf
 * (indirect probes: one bad link is no death). Who has answered neither way by the period's end is suspect, and everybody hears of
 * it; it is declared dead unless it refutes that with a higher incarnation while the suspicion lasts. News rides on
 * pings and acks, so that load does not depend on the size of the group.
 *
 * Promises: a crash is noticed by every member within 2n − 1 of its own periods, whatever becomes of messages (strong completeness;
 * with `probing: 'round-robin'`); by somebody within e/(e − 1) periods on average; and everybody hears of it O(log n) periods later.
 * A member that can talk to most others is not declared dead, but for bad luck that gets rarer with K and with the length of the
 * suspicion. Who cannot talk to anybody is declared dead by the others and they by it: this is no consensus.
 *
 * Beyond the paper, as in memberlist: everything known is exchanged with somebody now and then, also with the dead (`syncEvery`); a member
 * that is thought to be away is told so with the next message to it; after a crash the incarnation is learned from the others, so
 * that nothing has to be on disk. Suspicions are timed in the observer's own periods, so that its own pause accuses nobody.
 */
import { defineActor, type Actor, type Context } from '../../sim/index.ts';
import { isPresent } from './opinion.ts';
import { nextProbed } from './probe-order.ts';
import { everything, learn, piggybacked, setOpinion, spread } from './swim-news.ts';
import { readSwimOptions, spreadTime, type SwimOptions, type SwimSettings } from './swim-options.ts';
import { copyRef, type SwimProtocol, type SwimRef } from './swim-protocol.ts';
import type { SwimMember, SwimState } from './swim-state.ts';

type SwimContext = Context<SwimState>;

/** Counters: probes, unanswered, refutations, declared-dead. Throws ConfigError. */
export function swim(options: SwimOptions): Actor<SwimState, SwimProtocol> {
  const settings = readSwimOptions(options);
  const tell = (state: SwimState, to: SwimRef, ctx: SwimContext) => carrierTo(to, state, settings, ctx);
  return defineActor<SwimState, SwimProtocol>({
    role: 'member',
    init: (ctx) =>
      boot(
        settings,
        ctx,
        settings.nodes.some(({ id }) => id === ctx.self.id),
      ),
    recover: (_disk, ctx) => boot(settings, ctx, false),
    start(state, ctx) {
      ctx.setTimer('period', settings.stagger ? ctx.random.between(1, settings.period) : settings.period);
      if (state.status === 'joining')
        syncWith(
          state,
          settings.nodes.filter(({ id }) => id !== ctx.self.id),
          true,
          ctx,
        );
    },
    on: {
      ping(state, { from, number, news }, ctx) {
        if (state.status === 'left') return;
        learn(state, news, settings, ctx);
        ctx.send(from, 'ack', { number, ...tell(state, from, ctx) });
      },
      ack(state, { number, news }, ctx) {
        learn(state, news, settings, ctx);
        if (state.probe?.number === number) state.probe.answered = true;
        const relayed = state.relayed.get(number);
        if (relayed === undefined) return;
        state.relayed.delete(number);
        const asker = copyRef(relayed.asker);
        ctx.send(asker, 'ack', { number: relayed.number, ...tell(state, asker, ctx) });
      },
      pingRequest(state, { from, number, target, news }, ctx) {
        if (state.status === 'left') return;
        learn(state, news, settings, ctx);
        state.number++;
        state.relayed.set(state.number, { asker: from, number, period: state.period });
        ctx.send(target, 'ping', { number: state.number, ...tell(state, target, ctx) });
      },
      sync(state, { from, answer, news }, ctx) {
        if (state.status === 'left') return;
        learn(state, news, settings, ctx);
        if (answer) syncWith(state, [from], false, ctx);
        else if (state.status === 'joining') state.status = 'member';
      },
      leave(state, _message, ctx) {
        state.status = 'left';
        spread(state, ctx.self.id);
        for (const { member, ...opinion } of state.members.values()) {
          const to = copyRef(member);
          if (isPresent(opinion)) ctx.send(to, 'sync', { answer: false, ...tell(state, to, ctx) });
        }
      },
    },
    timers: {
      period: (state, ctx) => beginPeriod(state, settings, ctx),
      indirect: (state, ctx) => askOthers(state, settings, ctx),
    },
    phase: ({ status }) => status,
  });
}

/** What every message to `to` has besides its own content. */
const carrierTo = (to: SwimRef, state: SwimState, settings: SwimSettings, ctx: SwimContext) => ({
  from: ctx.self as SwimRef,
  news: piggybacked(state, to, settings, ctx),
});

/** All nodes that are known from the start are alive until somebody finds otherwise. */
function boot({ nodes }: SwimSettings, ctx: SwimContext, belongs: boolean): SwimState {
  const others = nodes.filter(({ id }) => id !== ctx.self.id);
  return {
    status: belongs || others.length === 0 ? 'member' : 'joining',
    incarnation: 0,
    period: 0,
    health: 0,
    probe: undefined,
    number: 0,
    probes: { order: ctx.random.shuffle(others.map(({ id }) => id)), next: 0 },
    members: new Map(
      others.map(({ id, index }) => [
        id,
        { member: { id, index }, status: 'alive', incarnation: 0, suspectedIn: 0 } satisfies SwimMember,
      ]),
    ),
    // Who is new, or back, says so.
    news: new Map(belongs ? [] : [[ctx.self.id, 0]]),
    relayed: new Map(),
    late: new Map(),
    unanswered: new Map(),
    revision: 0,
  };
}

/** Exchanges all that is known with one of them. */
function syncWith(state: SwimState, partners: readonly SwimRef[], answer: boolean, ctx: SwimContext): void {
  if (partners.length === 0) return;
  const partner = copyRef(ctx.random.pick(partners));
  ctx.send(partner, 'sync', { from: ctx.self as SwimRef, news: everything(state, ctx), answer });
}

function beginPeriod(state: SwimState, settings: SwimSettings, ctx: SwimContext): void {
  if (state.status === 'left') return;
  state.period++;
  judgeProbe(state, settings, ctx);
  ctx.setTimer('period', settings.period * (state.health + 1));
  declareDead(state, settings, ctx);
  for (const [number, { period }] of state.relayed) if (period < state.period - 1) state.relayed.delete(number);
  const { syncEvery } = settings;
  if (state.status === 'joining' || (syncEvery > 0 && state.period % syncEvery === 0)) {
    const known = Array.from(state.members.values()).filter(({ status }) => status !== 'left');
    syncWith(
      state,
      known.map(({ member }) => member),
      true,
      ctx,
    );
  }
  const target = chooseTarget(state, settings, ctx);
  if (target === undefined) return;
  state.number++;
  state.probe = { target: target.id, number: state.number, answered: false };
  ctx.count('probes');
  ctx.send(target, 'ping', { number: state.number, ...carrierTo(target, state, settings, ctx) });
  ctx.setTimer('indirect', settings.pingTimeout * (state.health + 1));
}

function chooseTarget(state: SwimState, { probing }: SwimSettings, ctx: SwimContext): SwimRef | undefined {
  const { probes, members } = state;
  const isRandom = probing === 'random' && probes.order.length > 0;
  const id = isRandom ? ctx.random.pick(probes.order) : nextProbed(probes, ctx.random);
  const member = id === undefined ? undefined : members.get(id)?.member;
  return member && copyRef(member);
}

/** The ping has had no answer in time: perhaps others can reach the target. */
function askOthers(state: SwimState, settings: SwimSettings, ctx: SwimContext): void {
  const { probe } = state;
  if (probe === undefined || probe.answered) return;
  state.late.set(probe.target, (state.late.get(probe.target) ?? 0) + 1);
  state.revision++;
  const target = state.members.get(probe.target)?.member;
  if (target === undefined) return;
  const helpers = ctx.random.shuffle(state.probes.order.filter((id) => id !== probe.target));
  for (const id of helpers.slice(0, settings.indirect)) {
    const helper = state.members.get(id)?.member;
    if (helper === undefined) continue;
    const to = copyRef(helper);
    ctx.send(to, 'pingRequest', {
      number: probe.number,
      target: copyRef(target),
      ...carrierTo(to, state, settings, ctx),
    });
  }
}

/** At the end of a period: has the probe been answered, by whatever way? */
function judgeProbe(state: SwimState, settings: SwimSettings, ctx: SwimContext): void {
  const { probe } = state;
  state.probe = undefined;
  if (probe === undefined) return;
  if (probe.answered) {
    state.health = Math.max(0, state.health - 1);
    return;
  }
  ctx.count('unanswered');
  state.health = Math.min(settings.maxHealth, state.health + 1);
  state.unanswered.set(probe.target, (state.unanswered.get(probe.target) ?? 0) + 1);
  state.revision++;
  const target = state.members.get(probe.target);
  if (target?.status !== 'alive') return;
  const { member, incarnation } = target;
  setOpinion(state, { member, incarnation, status: settings.suspicion === 0 ? 'dead' : 'suspect' }, ctx);
}

/** Suspicions that have lasted long enough. */
function declareDead(state: SwimState, settings: SwimSettings, ctx: SwimContext): void {
  const { suspicion = 3 * spreadTime(state.members.size + 1) } = settings;
  for (const { status, member, incarnation, suspectedIn } of state.members.values()) {
    if (status === 'suspect' && state.period - suspectedIn >= suspicion)
      setOpinion(state, { member, incarnation, status: 'dead' }, ctx);
  }
}
