/**
 * What a lease protects: a document that is read, worked on for a while and written back, so that two who do it at once lose the work
 * of one of them.
 *
 * With fencing it remembers the highest token that it has seen, in reads and writes, durably, and refuses lower ones: whoever
 * comes late is turned away, whatever its clock says (Kleppmann, "How to do distributed locking", 2016). Tokens alone order
 * leases, not the messages under one lease, so each access carries its number under its token as well, and (token, number) must
 * rise: an earlier access that the network delivers late is refused. The last one, delivered twice, is done once and answered
 * twice (as duplicate requests are in Raft, §8). Without fencing it does whatever it is told, as often as it is told.
 */
import { defineActor, reject, type Actor, type Context } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';

export interface ProtectedResourceProtocol {
  load(access: Access): { readonly version: number };
  /** Replaces the document by the next version after `base`. */
  save(access: Access & { readonly base: number }): { readonly version: number };
}

export interface Access {
  readonly holder: string;
  readonly token: number;
  /** Number of the access under its token, from 1: each is larger than that of the access before it. */
  readonly seq: number;
}

/** One access that was let through. */
export interface AcceptedAccess extends Access {
  readonly kind: 'load' | 'save';
}

/** What is on the disk, one record for each access. */
interface DocumentRecord {
  readonly version: number;
  readonly token: number;
  readonly seq: number;
}

export interface ProtectedResourceState {
  version: number;
  highestToken: number;
  /** The highest number seen under that token. */
  highestSeq: number;
  /** Accesses let through in this life, in order. */
  accepted: AcceptedAccess[];
  /** Saves that replaced a version that their author had not seen. */
  overwritten: number;
  /** Accesses refused for their token. */
  refused: number;
  /** Accesses refused because a later one of the same token was there before them. */
  outOfOrder: number;
  /** Accesses that came again and were only answered. */
  repeated: number;
  /** Its disk has failed to sync: it lets nobody in until it is restarted. */
  broken: boolean;
}

export interface ProtectedResourceOptions {
  /** Refuse (token, number) below the highest seen, and do what comes again only once. Default true. */
  readonly fencing?: boolean;
}

const FILE = 'document';
const NEW: DocumentRecord = { version: 0, token: 0, seq: 0 };

export function protectedResource({ fencing = true }: ProtectedResourceOptions = {}): Actor<
  ProtectedResourceState,
  ProtectedResourceProtocol
> {
  const stop = (state: ProtectedResourceState): void => {
    state.broken = true;
  };
  return defineActor<ProtectedResourceState, ProtectedResourceProtocol>({
    role: 'resource',
    init: () => stateFrom(NEW),
    recover(disk, ctx) {
      const records = disk.log<DocumentRecord>(FILE);
      ctx.disk.truncate(FILE, records.length);
      return stateFrom(records.at(-1) ?? NEW);
    },
    flows: {
      *load({ holder, token, seq }, ctx) {
        const access: AcceptedAccess = { kind: 'load', holder, token, seq };
        const version = ctx.update((state) => {
          if (!repeats(state, access, fencing)) accept(state, access, state.version, ctx);
          return state.version;
        });
        yield* syncOrStop(ctx, stop);
        return { version };
      },
      *save({ holder, token, seq, base }, ctx) {
        const access: AcceptedAccess = { kind: 'save', holder, token, seq };
        const version = ctx.update((state) => {
          // The last access again: nothing has changed the document since, so its version is still the answer.
          if (repeats(state, access, fencing)) return state.version;
          const before = state.version;
          // What the document becomes does not build on what it was: the work between is lost.
          accept(state, access, base + 1, ctx);
          if (base !== before) {
            state.overwritten++;
            ctx.note(`${holder} overwrites version ${before}, having seen only ${base}`);
          }
          return state.version;
        });
        yield* syncOrStop(ctx, stop);
        return { version };
      },
    },
  });
}

/** Refuses what may not pass. True when it is the last access again, which needs only its answer. */
function repeats(state: ProtectedResourceState, { token, seq }: Access, fencing: boolean): boolean {
  if (state.broken) throw reject('disk-failed');
  if (!fencing) return false;
  if (token < state.highestToken) {
    state.refused++;
    throw reject('stale-token', `token ${token} is below ${state.highestToken}`);
  }
  if (token > state.highestToken || seq > state.highestSeq) return false;
  if (seq < state.highestSeq) {
    state.outOfOrder++;
    throw reject('out-of-order', `access ${seq} under token ${token} comes after ${state.highestSeq}`);
  }
  state.repeated++;
  return true;
}

/** Lets an access through. Throws CallError when the disk is full, and has then changed nothing. */
function accept(
  state: ProtectedResourceState,
  access: AcceptedAccess,
  version: number,
  ctx: Context<ProtectedResourceState>,
): void {
  let { highestToken: token, highestSeq: seq } = state;
  if (access.token > token) ({ token, seq } = access);
  else if (access.token === token) seq = Math.max(seq, access.seq);
  ctx.disk.append(FILE, { version, token, seq } satisfies DocumentRecord);
  state.version = version;
  state.highestToken = token;
  state.highestSeq = seq;
  state.accepted.push(access);
}

const stateFrom = ({ version, token, seq }: DocumentRecord): ProtectedResourceState => ({
  version,
  highestToken: token,
  highestSeq: seq,
  accepted: [],
  overwritten: 0,
  refused: 0,
  outOfOrder: 0,
  repeated: 0,
  broken: false,
});
