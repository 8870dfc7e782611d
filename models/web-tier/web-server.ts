/**
 * A web server with sessions, stateful or stateless.
 *
 * *Stateful*: sessions are in the server's memory, so every request of a visitor must go to the server that has his (sticky routing), and they
 * are gone with the server: in a crash, at a deployment, when the pool shrinks. *Stateless*: sessions are in a store that all servers
 * share; any server can answer any request, and a server can come and go unnoticed. It costs a call to the store with each
 * request, and the store is then what must not fail.
 *
 * It promises, stateless and with a store that keeps what it acknowledges: who has logged in stays logged in, whichever servers crash.
 */
import { ConfigError, defineActor, parseDuration, reject } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, NodeRef } from '../../sim/index.ts';
import type { KvProtocol } from '../store/kv-protocol.ts';

export interface WebServerOptions {
  /** Where sessions are: `in-memory`, or a store that all servers share. */
  readonly sessions: 'in-memory' | NodeRef<KvProtocol>;
  /** For each call to the store. Default 100 ms. */
  readonly deadline?: Duration;
  /** Work of a request. Default 1 ms. */
  readonly service?: Duration;
  /** Default `web`. */
  readonly role?: string;
}

export interface WebProtocol {
  login(payload: { readonly user: string }): { readonly session: string };
  /** Refused with `no-session` when the session is not known. */
  page(payload: { readonly session: string }): { readonly user: string };
}

export interface WebServerState {
  /** Users by session, of a stateful server. */
  sessions: Map<string, string>;
  /** Number of the next session of this life, and when that began: names of sessions are not given twice. */
  next: number;
  booted: number;
}

/** The actor. Counters: logins, pages, strangers. Throws ConfigError. */
export function webServer(options: WebServerOptions): Actor<WebServerState, WebProtocol> {
  const deadline = parseDuration(options.deadline ?? '100ms', 'webServer.deadline');
  const service = parseDuration(options.service ?? '1ms', 'webServer.service');
  if (options.sessions !== 'in-memory' && typeof options.sessions !== 'object')
    throw new ConfigError('webServer.sessions', options.sessions, 'in-memory, or the node of a store');
  const store = options.sessions === 'in-memory' ? undefined : options.sessions;
  return defineActor<WebServerState, WebProtocol>({
    role: options.role ?? 'web',
    init: (ctx) => ({ sessions: new Map(), next: 1, booted: ctx.clock.monotonic }),
    flows: {
      *login({ user }, ctx): Flow<{ session: string }> {
        yield* ctx.work(service);
        const session = ctx.update((state) => `${ctx.self.id}/${state.booted}/${state.next++}`);
        if (store === undefined) ctx.update((state) => void state.sessions.set(session, user));
        else yield* ctx.call(store, 'put', { key: session, value: user }, { deadline });
        ctx.count('logins');
        return { session };
      },
      *page({ session }, ctx): Flow<{ user: string }> {
        yield* ctx.work(service);
        const user =
          store === undefined ? ctx.state.sessions.get(session) : yield* stored(ctx, store, session, deadline);
        if (user === undefined) {
          ctx.count('strangers');
          throw reject('no-session', `${ctx.self.id} knows no session ${session}`);
        }
        ctx.count('pages');
        return { user };
      },
    },
  });
}

function* stored(
  ctx: Context<WebServerState>,
  store: NodeRef<KvProtocol>,
  session: string,
  deadline: number,
): Flow<string | undefined> {
  const { found, value } = yield* ctx.call(store, 'get', { key: session }, { deadline });
  return found ? (value as string) : undefined;
}
