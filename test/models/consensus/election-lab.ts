/** One election, from timers that all start together to the first leader: what the papers' figures are about. */
import {
  constant,
  ms,
  RandomStream,
  runUntil,
  World,
  type Actor,
  type Micros,
  type NodeRef,
} from '../../../sim/index.ts';
import { limitsFrom } from '../../../sim/kernel/limits.ts';
import { crash } from '../../../sim/world/lifecycle.ts';
import { raft, type RaftProtocol, type RaftState } from '../../../models/index.ts';
import { freshState } from '../../../models/consensus/raft/raft-state.ts';
import { raftSettings } from '../../../models/consensus/raft/settings.ts';
import { writeEntry } from '../../../models/consensus/raft/storage.ts';

export interface Election {
  /** Servers in the group, and how many of them are up. */
  readonly n: number;
  readonly up: number;
  /** Of those, how many have a log that can win. Default: all. */
  readonly eligible?: number;
  /** Election timeouts are uniform in [timeout, timeout + spread). */
  readonly timeout: Micros;
  readonly spread: Micros;
  /** One way, requests. */
  readonly latency: Micros;
  /** How much longer an answer takes. Default 0. */
  readonly replyDelay?: Micros;
  readonly seed: string;
  /** Gives up then. */
  readonly until: Micros;
}

export interface Elected {
  /** When a leader was elected; undefined when there was none in time. */
  readonly at: Micros | undefined;
  readonly term: number;
}

/** Plain Raft, without pre-vote and loyalty, on disks that take no time. */
export function elect({
  n,
  up,
  eligible = up,
  timeout,
  spread,
  latency,
  replyDelay = 0,
  seed,
  until,
}: Election): Elected {
  const world = new World({ seed });
  world.links({ latency: constant(latency) });
  const nodes = world.refs<RaftProtocol>('n', n);
  const options = {
    nodes,
    electionTimeout: timeout,
    electionSpread: spread,
    heartbeat: Math.max(1, Math.floor(timeout / 2)),
    preVote: false,
    checkQuorum: false,
  };
  const server = raft(options);
  let elected: Elected = { at: undefined, term: 0 };
  const watched: Actor<RaftState, RaftProtocol> = {
    ...server,
    init(ctx) {
      const state = freshState(raftSettings(options));
      if (ctx.self.index < eligible)
        writeEntry(state, { index: 1, term: 0, before: 0, content: { kind: 'none' } }, ctx);
      return state;
    },
    on: {
      ...server.on,
      vote(_state, message, ctx) {
        ctx.spawn(
          (function* () {
            if (replyDelay > 0) yield* ctx.sleep(replyDelay);
            ctx.update((now) => {
              server.on?.vote?.(now, message, ctx);
              if (now.role === 'leader' && elected.at === undefined) elected = { at: world.now, term: now.term };
            });
          })(),
        );
      },
    },
  };
  for (const node of nodes) world.node(node, { actor: watched, disk: { fsync: constant(0) } });
  world.start();
  for (const node of nodes.slice(up)) crash(world, world.named((node as NodeRef).id));
  while (elected.at === undefined && world.now < until)
    runUntil(world.queue, Math.min(until, world.now + ms(50)), limitsFrom(), () => world.dispatch());
  return elected;
}

/** How long a group was without a leader that crashed at any time in a heartbeat interval of half a timeout, µs. */
export function downtime(election: Election): number {
  const { at } = elect(election);
  const since = new RandomStream(election.seed, 'crash').int(Math.max(1, Math.floor(election.timeout / 2)));
  return (at ?? election.until) - since;
}

/** Ongaro's dissertation, chapter 9: probability of a split vote, with `l` the latency as a share of the spread. */
export function splitVote(n: number, s: number, l: number): number {
  const c = s - Math.floor(n / 2) + 1;
  let probability = l ** s;
  for (let k = c - 1; k <= s - 1; k++) probability += choose(s, k) * l ** k * (1 - l) ** (s - k);
  return probability;
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}
