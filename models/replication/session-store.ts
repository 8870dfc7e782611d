/**
 * A group with sessions (session-machine.ts) as clients use it: opens a session, sends updates with it, reads at the leader or anywhere.
 *
 * Repeating an update is safe, because it is applied once for each session and number. But whether it has been applied stays unknown
 * as soon as one attempt has ended without a definite answer, whatever later attempts say.
 */
import { CallError, oneOf, type Flow } from '../../sim/index.ts';
import type { ReplicatedKvProtocol } from './command.ts';
import type { KvClientContext, KvStore } from './kv-client.ts';
import { callLeader, leaderCallSettings, type LeaderCallOptions, type LeaderCallSettings } from './leader-call.ts';
import type { Passable } from './passing-on.ts';

/** What such a group answers. Refused by a server that does not lead with `not-leader` (detail: `{ primary: string }`, '' for unknown). */
export interface SessionKvProtocol extends ReplicatedKvProtocol {
  /** Opens a client's session; its updates carry the name (Raft dissertation §6.3). */
  open(request: Passable): SessionOpened;
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
  const readAt = oneOf(options.readAt ?? 'leader', ['leader', 'any'], `${where}.readAt`);
  return {
    *read(key, _operation, ctx) {
      if (readAt === 'any') {
        const target = ctx.random.int(settings.nodes.length);
        ctx.update((state) => {
          state.target = target;
        });
      }
      const { reply, by } = yield* callLeader(settings, ctx, (node, deadline, passing) =>
        ctx.call(node, 'read', { key, ...passing }, { deadline }),
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
          (node, deadline, passing) => ctx.call(node, 'update', { ...command, ...passing }, { deadline }),
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
    const { reply } = yield* callLeader(settings, ctx, (node, deadline, passing) =>
      ctx.call(node, 'open', passing, { deadline }),
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

const forgetSession = (ctx: KvClientContext): void =>
  ctx.update((state) => {
    state.session = ctx.self.id;
  });

const isFinal = ({ code }: CallError): boolean => code === 'session-expired' || code === 'superseded';
