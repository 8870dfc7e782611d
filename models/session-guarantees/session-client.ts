/**
 * A session with guarantees of its choice, at any server, each operation at another one (Terry et al., PDIS 1994, table 1). It remembers, as version
 * vectors, what it has written and what the servers that it has read from had:
 *
 *   read your writes:     reads go to servers that have what it has written.
 *   monotonic reads:      reads go to servers that have what it has read.
 *   monotonic writes:     writes go to servers that have what it has written.
 *   writes follow reads:  writes go to servers that have what it has read.
 *
 * It carries a Lamport clock as well, whatever it is promised: a write counts as later than all that its session has read and written, so that what a
 * session lacks without a promise is what a server has not got, and not what it has in the wrong order. All four together make the store causal. What a server had is a coarse account of what was read; it errs on the safe side. A write of unknown
 * fate ends the session, for it could still come to a server after a later one.
 */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
  ms,
  oneOf,
  parseDuration,
  reject,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type NodeRef,
  type Waitable,
} from '../../sim/index.ts';
import { oneAtATime, type Pace } from '../client/one-at-a-time.ts';
import { joined, type VersionVector } from '../versioning/version-vector.ts';
import type { SessionServerProtocol } from './session-protocol.ts';

export type SessionPromise = 'read your writes' | 'monotonic reads' | 'monotonic writes' | 'writes follow reads';

export interface SessionClientOptions {
  readonly servers: readonly NodeRef<SessionServerProtocol>[];
  /** Those of them that the session writes at. Default: all. With one, and all four promises, the store is sequentially consistent. */
  readonly writeAt?: readonly NodeRef<SessionServerProtocol>[];
  /** What the session is promised. Default: all four. */
  readonly promises?: readonly SessionPromise[];
  /** Default `['x', 'y']`. */
  readonly keys?: readonly string[];
  /** Share of the operations that read, 0…1. Default 0.6. */
  readonly reads?: number;
  /** Between two operations. Default exponential with mean 60 ms. */
  readonly think?: DistributionSpec;
  /** No operation begins after that, on its own clock. Default: goes on for ever. */
  readonly until?: Duration;
  /** How long it looks for a server that has what it needs. Default 1 s. */
  readonly patience?: Duration;
}

export interface SessionClientState {
  /** Names the session. */
  session: string;
  sessions: number;
  /** Writes begun in this session. */
  seq: number;
  /** What it has written. */
  written: VersionVector;
  /** What the servers had that it has read from. */
  read: VersionVector;
  /** Lamport's clock: above all that it has read and written. */
  clock: number;
}

type ClientContext = Context<SessionClientState>;

export const SESSION_PROMISES: readonly SessionPromise[] = [
  'read your writes',
  'monotonic reads',
  'monotonic writes',
  'writes follow reads',
];

interface Settings extends Pace {
  readonly servers: readonly NodeRef<SessionServerProtocol>[];
  readonly writeAt: readonly NodeRef<SessionServerProtocol>[];
  readonly promises: readonly SessionPromise[];
  readonly keys: readonly string[];
  readonly reads: number;
  readonly patience: number;
}

/** Throws ConfigError naming the option. */
export function sessionClient(options: SessionClientOptions): Actor<SessionClientState, Record<never, never>> {
  const { servers, writeAt = servers, promises = SESSION_PROMISES, keys = ['x', 'y'], reads = 0.6, until } = options;
  if (servers.length === 0) throw new ConfigError('sessionClient.servers', servers, 'at least one server');
  if (writeAt.length === 0) throw new ConfigError('sessionClient.writeAt', writeAt, 'at least one server');
  if (keys.length === 0) throw new ConfigError('sessionClient.keys', keys, 'at least one key');
  if (!(reads >= 0 && reads <= 1)) throw new ConfigError('sessionClient.reads', reads, 'a share from 0 to 1');
  for (const promise of promises) oneOf(promise, SESSION_PROMISES, 'sessionClient.promises');
  const settings = {
    ...{ servers, writeAt, promises, keys, reads },
    pause: compile(options.think ?? exponential({ mean: ms(60) })),
    until: until === undefined ? Infinity : parseDuration(until, 'sessionClient.until'),
    patience: parseDuration(options.patience ?? '1s', 'sessionClient.patience'),
  };
  return defineActor<SessionClientState, Record<never, never>>({
    role: 'client',
    init: (ctx) => newSession(ctx.self.id, 1),
    start: (_state, ctx) => ctx.spawn(oneAtATime(settings, ctx, () => next(settings, ctx))),
  });
}

const newSession = (client: string, sessions: number): SessionClientState => ({
  session: `${client}/${sessions}`,
  sessions,
  seq: 0,
  written: {},
  read: {},
  clock: 0,
});

function next(settings: Settings, ctx: ClientContext): Flow {
  const key = ctx.random.pick(settings.keys);
  return ctx.random.chance(settings.reads) ? read(key, settings, ctx) : write(key, settings, ctx);
}

/** What a server must have, by those of the promises that the session has. */
function needs(
  { promises }: Settings,
  { written, read: seen }: SessionClientState,
  mine: SessionPromise,
  others: SessionPromise,
): VersionVector {
  const own = promises.includes(mine) ? written : {};
  return promises.includes(others) ? joined(own, seen) : own;
}

function* read(key: string, settings: Settings, ctx: ClientContext): Flow {
  const required = needs(settings, ctx.state, 'read your writes', 'monotonic reads');
  const id = ctx.invoked({ f: 'read', key }, `${ctx.state.sessions}`);
  try {
    const { reply, by } = yield* somewhere(settings.servers, settings, ctx, true, (server) =>
      ctx.call(server, 'read', { key, needs: required }, { deadline: ms(100) }),
    );
    ctx.completed(id, 'ok', reply.value, by);
    ctx.update((state) => {
      state.read = joined(state.read, reply.vector);
      state.clock = Math.max(state.clock, reply.clock);
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    ctx.completed(id, 'fail', error.code);
  }
}

function* write(key: string, settings: Settings, ctx: ClientContext): Flow {
  const seq = ctx.update((state) => ++state.seq);
  const { session, sessions, clock } = ctx.state;
  const value = `${session}.${seq}`;
  const required = needs(settings, ctx.state, 'monotonic writes', 'writes follow reads');
  const id = ctx.invoked({ f: 'write', key, input: value }, `${sessions}`);
  try {
    const { reply, by } = yield* somewhere(settings.writeAt, settings, ctx, false, (server) =>
      ctx.call(server, 'write', { key, value, needs: required, clock, session, seq }, { deadline: ms(100) }),
    );
    ctx.completed(id, 'ok', undefined, by);
    ctx.update((state) => {
      state.written = joined(state.written, { [reply.server]: reply.number });
      state.clock = Math.max(state.clock, reply.counter);
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    ctx.completed(id, error.definite ? 'fail' : 'info', error.code);
    if (!error.definite) ctx.update((state) => void Object.assign(state, newSession(ctx.self.id, state.sessions + 1)));
  }
}

/** At one of `servers` drawn at random, then at the next ones, until one takes it or patience is over. `repeats`: also after a silence. */
function* somewhere<T>(
  servers: readonly NodeRef<SessionServerProtocol>[],
  { patience }: Settings,
  ctx: ClientContext,
  repeats: boolean,
  ask: (server: NodeRef<SessionServerProtocol>) => Waitable<T>,
): Flow<{ readonly reply: T; readonly by: NodeRef }> {
  const end = ctx.clock.monotonic + patience;
  const first = ctx.random.int(servers.length);
  for (let tried = 0; ; tried++) {
    const server = servers[(first + tried) % servers.length] as NodeRef<SessionServerProtocol>;
    try {
      const reply: T = yield* ask(server);
      return { reply, by: server as NodeRef };
    } catch (error) {
      if (!(error instanceof CallError) || !(repeats || error.definite)) throw error;
      if (ctx.clock.monotonic >= end) throw reject('no-server', 'no server has what the session needs');
      if ((tried + 1) % servers.length === 0) yield* ctx.sleep(ms(20));
    }
  }
}
