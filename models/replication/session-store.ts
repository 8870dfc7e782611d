/**
 * A group with sessions (session-machine.ts) as clients use it: opens a session, sends updates with it, reads at the leader or anywhere.
 *
 * Repeating an update is safe, because it is applied once for each session and number. But whether it has been applied stays unknown
 * as soon as one attempt has ended without a definite answer, whatever later attempts say.
 *
 * A client that a server has not answered asks those that do answer, for as long as its patience, to pass its requests on to their leader.
 */
import { CallError, type Flow, type Op } from '../../sim/index.ts';
import type { Command, ReadReply, ReadRequest, ReplicatedKvProtocol, UpdateReply } from './command.ts';
import type { KvClientContext, KvStore } from './kv-client.ts';
import { callLeader, leaderCallSettings, type LeaderCallOptions, type LeaderCallSettings } from './leader-call.ts';

/** What such a group answers. Refused by a server that does not lead with `not-leader` (detail: `{ primary: string }`, '' for unknown). */
export interface SessionKvProtocol extends ReplicatedKvProtocol {
  read(request: ReadRequest & Passable): ReadReply;
  update(request: Command & Passable): UpdateReply;
  /** Opens a client's session; its updates carry the name (Raft dissertation §6.3). */
  open(request: Passable): SessionOpened;
}

/** A request that a server may have to pass on. */
export interface Passable {
  /** The client has had no answer from the leader: a server that does not lead is to ask it, instead of refusing. */
  readonly passOn?: true;
}

export interface SessionOpened {
  readonly session: string;
}

export interface SessionStoreOptions extends LeaderCallOptions<SessionKvProtocol> {
  /** `any`: begin each read at a node drawn at random, where followers answer reads (`followerReads`). Default `leader`. */
  readonly readAt?: 'leader' | 'any';
}

/** The store that the group makes. Throws ConfigError naming the option, which `where` has. */
export function sessionStore(options: SessionStoreOptions, where: string): KvStore {
  const settings = leaderCallSettings(options, where);
  return {
    *read(key, _operation, ctx) {
      if (options.readAt === 'any') {
        const target = ctx.random.int(settings.nodes.length);
        ctx.update((state) => {
          state.target = target;
        });
      }
      const { reply, by } = yield* callLeader(settings, ctx, (node, deadline) =>
        ask(settings, ctx, (passing) => ctx.call(node, 'read', { key, ...passing }, { deadline })),
      );
      return { value: reply.value, by };
    },
    *update(change, _operation, ctx) {
      yield* withSession(settings, ctx);
      const { session, issued: seq } = ctx.state;
      const command = { ...change, session, seq };
      try {
        const { reply, by } = yield* callLeader(
          settings,
          ctx,
          (node, deadline) =>
            ask(settings, ctx, (passing) => ctx.call(node, 'update', { ...command, ...passing }, { deadline })),
          (error) => isFinal(error),
        );
        return { applied: reply.applied, by };
      } catch (error) {
        if (error instanceof CallError && error.code === 'session-expired') forgetSession(ctx);
        throw error;
      }
    },
  };
}

/** Sessions are named by the group, after the entry that opened them. */
const isOpened = (session: string): boolean => session.startsWith('#');

function* withSession(settings: LeaderCallSettings<SessionKvProtocol>, ctx: KvClientContext): Flow {
  if (isOpened(ctx.state.session)) return;
  try {
    const { reply } = yield* callLeader(settings, ctx, (node, deadline) =>
      ask(settings, ctx, (passing) => ctx.call(node, 'open', passing, { deadline })),
    );
    ctx.update((state) => {
      state.session = reply.session;
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    // A session that nobody knows of is harmless: the update itself has certainly not been sent.
    throw new CallError(error.kind, error.code, error.message, true, error.detail);
  }
}

/** How often a server that is too busy to look at a request is asked before another one is: it may well be the leader. */
const ASKED_WHILE_BUSY = 5;

const isBusy = ({ kind, code }: CallError): boolean => kind === 'overloaded' || code === 'unavailable';

/** Asks one server, to pass the request on for as long as another's silence is remembered. */
function* ask<T>(
  { patience, pause }: LeaderCallSettings<SessionKvProtocol>,
  ctx: KvClientContext,
  call: (passing: Passable) => Op<T>,
): Flow<T> {
  const { passOnUntil = 0 } = ctx.state;
  const passing: Passable = ctx.clock.monotonic < passOnUntil ? { passOn: true } : {};
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* call(passing);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.kind === 'timeout' || error.kind === 'reset')
        ctx.update((state) => {
          state.passOnUntil = ctx.clock.monotonic + patience;
        });
      if (!isBusy(error) || attempt === ASKED_WHILE_BUSY) throw error;
    }
    yield* ctx.sleep(pause);
  }
}

const forgetSession = (ctx: KvClientContext): void =>
  ctx.update((state) => {
    state.session = ctx.self.id;
  });

const isFinal = ({ code }: CallError): boolean => code === 'session-expired' || code === 'superseded';
