/**
 * Session affinity: requests of one session go to the same backend while it can be used, whatever the policy says.
 *
 * *Stick table*: the balancer remembers (HAProxy's). Nothing is asked of clients; a crash of the balancer forgets all sessions,
 * and a second balancer knows nothing of the first one's. *Cookie*: the client remembers. The balancer writes the backend's
 * name into the reply and reads it from the next request: survives any balancer, needs clients that play along.
 *
 * Either way a session whose backend has gone moves to another one, and what the backend alone knew of it is lost.
 */
import { ConfigError, oneOf, parseDuration, type Duration, type Micros } from '../../sim/index.ts';

export interface StickTableOptions {
  readonly kind: 'table';
  /** The session that a request belongs to; '' for none. */
  readonly sessionOf: (message: string, payload: unknown) => string;
  /** A session that has not been seen for this long is forgotten. Default 30 min. */
  readonly expire?: Duration;
  /** Most sessions remembered, at least 1; beyond it the one longest unseen is forgotten. Default 100,000. */
  readonly size?: number;
}

export interface StickyCookieOptions {
  readonly kind: 'cookie';
  /** The name of the backend in a request's cookie; undefined: it has none. */
  readonly read: (message: string, payload: unknown) => string | undefined;
  /** The reply with the name of the backend in a cookie; must not change `reply`. */
  readonly write: (reply: unknown, backend: string) => unknown;
}

export type AffinityOptions = StickTableOptions | StickyCookieOptions;

export interface StuckSession {
  readonly backend: number;
  readonly seenAt: Micros;
}

/** In the order in which they were last seen. */
export type StickTable = Map<string, StuckSession>;

/** Checked affinity. */
export interface Affinity {
  /** The backend's name that the session is bound to by cookie. */
  readonly cookie: ((message: string, payload: unknown) => string | undefined) | undefined;
  readonly write: ((reply: unknown, backend: string) => unknown) | undefined;
  readonly sessionOf: ((message: string, payload: unknown) => string) | undefined;
  /** The backend that the table has for a session. */
  find(table: StickTable, session: string, now: Micros): number | undefined;
  /** Binds the session, as of now. */
  stick(table: StickTable, session: string, backend: number, now: Micros): void;
}

/** Throws ConfigError. */
export function affinity(options: AffinityOptions): Affinity {
  const kind = oneOf(options.kind, ['table', 'cookie'], 'balancer.affinity.kind');
  const functions = kind === 'table' ? ['sessionOf'] : ['read', 'write'];
  for (const name of functions) {
    const given = (options as unknown as Record<string, unknown>)[name];
    if (typeof given !== 'function') throw new ConfigError(`balancer.affinity.${name}`, given, 'a function');
  }
  if (options.kind === 'cookie') {
    const none = (): undefined => undefined;
    return { cookie: options.read, write: options.write, sessionOf: undefined, find: none, stick: none };
  }
  const expire = parseDuration(options.expire ?? '30min', 'balancer.affinity.expire');
  const { size = 100_000 } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new ConfigError('balancer.affinity.size', size, 'a whole number of at least 1');
  return {
    cookie: undefined,
    write: undefined,
    sessionOf: options.sessionOf,
    find(table, session, now) {
      const stuck = table.get(session);
      return stuck === undefined || now - stuck.seenAt > expire ? undefined : stuck.backend;
    },
    stick(table, session, backend, now) {
      table.delete(session);
      table.set(session, { backend, seenAt: now });
      if (table.size <= size) return;
      for (const oldest of table.keys()) {
        table.delete(oldest);
        return;
      }
    },
  };
}
