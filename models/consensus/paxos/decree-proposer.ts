/** The proposer of single-decree Paxos, which is the distinguished learner too ("Paxos made simple", §2.2 to §2.4). */
import { CallError, reject, type Flow, type NodeRef, type Op, type Waitable } from '../../../sim/index.ts';
import { ballotAbove } from './ballots.ts';
import { accept, prepare } from './decree-acceptor.ts';
import {
  decreeOf,
  type DecreeContext,
  type DecreePromise,
  type DecreeProposal,
  type SingleDecreeProtocol,
  type SingleDecreeSettings,
  type SingleDecreeState,
} from './decree-state.ts';

type Acceptor = NodeRef<SingleDecreeProtocol>;

/** Ballot after ballot, until a value is chosen. Refuses, indefinitely, when patience runs out. */
export function* propose(
  { decree, value }: DecreeProposal,
  settings: SingleDecreeSettings,
  ctx: DecreeContext,
): Flow<{ readonly value: string }> {
  const deadline = ctx.clock.monotonic + settings.patience;
  for (let attempt = 0; ; attempt++) {
    const chosen = ctx.state.decrees[decree]?.chosen ?? null;
    if (chosen !== null) return { value: chosen };
    if (ctx.clock.monotonic >= deadline)
      throw reject('no-quorum', `${ctx.self.id} gave up on ${decree}`, undefined, false);
    try {
      return { value: yield* ballotFor({ decree, value }, settings, ctx) };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (ctx.state.broken !== '') throw error;
      // Two proposers that hurry refuse each other for ever: one has to wait long enough (§2.4).
      const most = settings.backoff * (1 << Math.min(attempt, 5));
      if (most > 0) yield* ctx.sleep(1 + ctx.random.int(most));
    }
  }
}

/** One ballot: phase 1, phase 2. Fails with CallError when a quorum refuses or does not answer. */
function* ballotFor(
  { decree, value: own }: DecreeProposal,
  settings: SingleDecreeSettings,
  ctx: DecreeContext,
): Flow<string> {
  const ballot = ctx.update((state) => nextBallot(state, decree, settings, ctx));
  // A ballot that a crash could make it forget would be used twice: its own promise comes first.
  const first = yield* prepare({ decree, ballot }, settings, ctx);
  const deadline = settings.attempt;
  const others = settings.nodes.filter(({ id }) => id !== ctx.self.id);
  const promises = yield* ctx.quorum<DecreePromise>(
    settings.prepareQuorum - 1,
    others.map((node) => heeding(decree, ctx, ctx.call(node, 'prepare', { decree, ballot }, { deadline }))),
  );
  const value = bound([first, ...promises]) ?? own;
  const proposal = { decree, ballot, value };
  const ask = (node: Acceptor): Waitable<{ readonly accepted: true }> =>
    node.id === ctx.self.id
      ? accept(proposal, settings, ctx)
      : heeding(decree, ctx, ctx.call(node, 'accept', proposal, { deadline }));
  yield* ctx.quorum(settings.acceptQuorum, settings.nodes.map(ask));
  ctx.note(`${value} is chosen for ${decree} in ballot ${ballot}`);
  ctx.update((state) => {
    decreeOf(state, decree).chosen = value;
  });
  for (const node of others) ctx.send(node, 'learn', { decree, value });
  return value;
}

function nextBallot(
  state: SingleDecreeState,
  decree: string,
  { nodes }: SingleDecreeSettings,
  ctx: DecreeContext,
): number {
  const there = decreeOf(state, decree);
  const place = nodes.findIndex(({ id }) => id === ctx.self.id);
  return ballotAbove(Math.max(there.seen, there.promised), place, nodes.length);
}

/** P2c: the value of the highest-numbered proposal among the votes, if there is any (§2.2); else the proposer is free. */
function bound(promises: readonly DecreePromise[]): string | undefined {
  let highest: DecreePromise['vote'] = null;
  for (const { vote } of promises) if (vote !== null && vote.ballot > (highest?.ballot ?? -1)) highest = vote;
  return highest?.value;
}

/** Learns from a refusal which ballot it has to beat. */
function* heeding<T>(decree: string, ctx: DecreeContext, asked: Op<T>): Flow<T> {
  try {
    return yield* asked;
  } catch (error) {
    const detail = error instanceof CallError ? error.detail : undefined;
    if (typeof detail === 'object' && detail !== null && 'promised' in detail) {
      const promised = Number(detail.promised);
      ctx.update((state) => {
        const there = decreeOf(state, decree);
        there.seen = Math.max(there.seen, promised);
      });
    }
    throw error;
  }
}
