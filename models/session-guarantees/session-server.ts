/**
 * A server of a weakly consistent store, on which sessions build guarantees: it takes reads and writes alone, and learns of the others'
 * writes by anti-entropy (Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994; Bayou, SOSP 1995).
 *
 * It keeps its writes in the order in which it came to know them and tells them in that order, all that the other lacks at once. So who has a
 * write has all that its server had when it accepted it: writes spread causally. The value of a key is that of the write with the
 * highest (Lamport clock, server), the same everywhere once all is known. A request says by a version vector what its session needs;
 * a server that lacks some of it refuses. Nothing is coordinated: what a session needs may be at one server only, and when that is cut off
 * the session waits, which is the price of guarantees on any store that answers alone.
 */
import {
  copyOf,
  defineActor,
  ms,
  parsePeriod,
  reject,
  type Actor,
  type Context,
  type DiskView,
  type Duration,
  type Flow,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import { eachOnce } from '../replication/each-once.ts';
import { advanced, includes, knows, type VersionVector } from '../versioning/version-vector.ts';
import type { Accepted, AcceptedWrite, SessionServerProtocol } from './session-protocol.ts';

export interface SessionServerOptions {
  /** All servers, each once. */
  readonly servers: readonly NodeRef<SessionServerProtocol>[];
  /** Between two questions to another server, in turn, what it knows; above 0. Default 100 ms. */
  readonly antiEntropy?: Duration;
  /** The server's role, as in MultiPrimaryOptions. Default `server`. */
  readonly role?: string;
}

export interface SessionServerState {
  /** All writes known, in the order in which they came to be. */
  writes: AcceptedWrite[];
  /** How many writes of each server are known. */
  vector: VersionVector;
  /** Lamport's clock. */
  clock: number;
  /** By key, the place in `writes` of the one that counts. */
  latest: Record<string, number>;
  /** Writes of its own that are on their way to the disk, and not known yet. */
  pending: number;
  /** By session, the last write of it that was accepted here, and its number. */
  sessions: Record<string, { seq: number; number: number; counter: number }>;
  /** Questions asked. */
  asked: number;
  /** Its disk has failed to sync: it answers nothing until it is restarted. */
  broken: boolean;
}

type ServerContext = Context<SessionServerState>;

interface WriteRecord {
  readonly write: AcceptedWrite;
  readonly session?: string;
  readonly seq?: number;
}

const FILE = 'writes';

const nothingKnown = (): SessionServerState => ({
  writes: [],
  vector: {},
  clock: 0,
  latest: {},
  pending: 0,
  sessions: {},
  asked: 0,
  broken: false,
});

/** All servers are given the same options. Throws ConfigError naming the option. */
export function sessionServer(options: SessionServerOptions): Actor<SessionServerState, SessionServerProtocol> {
  const { servers, role = 'server' } = options;
  eachOnce(servers, 'sessionServer.servers');
  const every = parsePeriod(options.antiEntropy ?? ms(100), 'sessionServer.antiEntropy');
  return defineActor<SessionServerState, SessionServerProtocol>({
    role,
    init: nothingKnown,
    recover,
    start: (_state, ctx) => ctx.setTimer('ask', every),
    on: {
      read(state, { key, needs }) {
        mustHave(state, needs);
        const place = state.latest[key];
        const value = place === undefined ? null : (state.writes[place] as AcceptedWrite).value;
        return { value, vector: copyOf(state.vector), clock: state.clock };
      },
      ask(state, { from, vector }, ctx) {
        const writes = state.writes.filter(({ server, number }) => !knows(vector, server, number));
        const asking = servers.find(({ id }) => id === from);
        if (!state.broken && writes.length > 0 && asking !== undefined)
          ctx.send(asking, 'tell', { writes: copyOf(writes) });
      },
      tell: (state, { writes }, ctx) => onTell(state, writes, ctx),
    },
    flows: { write: (request, ctx) => accept(request, ctx) },
    timers: {
      ask(state, ctx) {
        ctx.setTimer('ask', every);
        const others = servers.filter(({ id }) => id !== ctx.self.id);
        const peer = others[state.asked++ % Math.max(1, others.length)];
        if (!state.broken && peer !== undefined)
          ctx.send(peer, 'ask', { from: ctx.self.id, vector: copyOf(state.vector) });
      },
    },
    phase: (state) => (state.broken ? 'broken' : role),
  });
}

function mustHave(state: SessionServerState, needs: VersionVector): void {
  if (state.broken) throw reject('disk-failed');
  if (!includes(state.vector, needs)) throw reject('behind', 'lacks writes that the session needs');
}

/** A write becomes known, to readers and to other servers, once it is on disk. */
function* accept(
  { key, value, needs, clock, session, seq }: Parameters<SessionServerProtocol['write']>[0],
  ctx: ServerContext,
): Flow<Accepted> {
  const server = ctx.self.id;
  const write = ctx.update((state) => {
    mustHave(state, needs);
    const last = state.sessions[session];
    if (last !== undefined && last.seq >= seq) return { number: last.number, counter: last.counter };
    const number = (state.vector[server] ?? 0) + state.pending + 1;
    const accepted: AcceptedWrite = { key, value, server, number, counter: Math.max(state.clock, clock) + 1 };
    ctx.disk.append(FILE, { write: accepted, session, seq } satisfies WriteRecord);
    state.clock = accepted.counter;
    state.pending++;
    state.sessions[session] = { seq, number, counter: accepted.counter };
    return accepted;
  });
  yield* syncOrStop(ctx, (state) => void (state.broken = true));
  const { number, counter } = write;
  if ('key' in write)
    ctx.update((state) => {
      state.pending--;
      learn(state, write);
    });
  return { server, number, counter };
}

function learn(state: SessionServerState, write: AcceptedWrite): void {
  const place = state.writes.push(write) - 1;
  state.vector = advanced(state.vector, write.server);
  state.clock = Math.max(state.clock, write.counter);
  const counts = state.writes[state.latest[write.key] ?? -1];
  const isLater =
    counts === undefined ||
    write.counter > counts.counter ||
    (write.counter === counts.counter && write.server > counts.server);
  if (isLater) state.latest[write.key] = place;
}

/** The next write of its server that is not known yet; later ones wait for those before them. */
const isNext = ({ vector }: SessionServerState, { server, number }: AcceptedWrite): boolean =>
  (vector[server] ?? 0) === number - 1;

function onTell(state: SessionServerState, writes: readonly AcceptedWrite[], ctx: ServerContext): void {
  unlessDiskFull(() => {
    for (const write of writes) {
      if (knows(state.vector, write.server, write.number)) continue;
      // What it does not follow on was for a vector that this server had before a crash.
      if (!isNext(state, write) || write.server === ctx.self.id) return;
      ctx.disk.append(FILE, { write } satisfies WriteRecord);
      learn(state, copyOf(write));
    }
  });
}

/** A crash may keep any subset of what was not synced; what stands behind a gap was not acknowledged. */
function recover(disk: DiskView, ctx: ServerContext): SessionServerState {
  const state = nothingKnown();
  for (const { write, session, seq } of disk.log<WriteRecord>(FILE)) {
    if (!isNext(state, write)) break;
    learn(state, write);
    if (session !== undefined && seq !== undefined) {
      const { number, counter } = write;
      state.sessions[session] = { seq, number, counter };
    }
  }
  ctx.disk.truncate(FILE, state.writes.length);
  return state;
}
