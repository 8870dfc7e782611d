/**
 * What a lease protects: a document that is read, worked on for a while and written back, so that two who do it at once lose the work
 * of one of them.
 *
 * With fencing it remembers the highest token that it has seen, in reads and writes, durably, and refuses lower ones: whoever
 * comes late is turned away, whatever its clock says (Kleppmann, "How to do distributed locking", 2016).
 */
import { defineActor, reject, type Actor } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';

export interface ProtectedResourceProtocol {
  load(access: Access): { readonly version: number };
  /** Replaces the document by the next version after `base`. */
  save(access: Access & { readonly base: number }): { readonly version: number };
}

export interface Access {
  readonly holder: string;
  readonly token: number;
}

/** One access that was let through. */
export interface AcceptedAccess extends Access {
  readonly kind: 'load' | 'save';
}

export interface ProtectedResourceState {
  version: number;
  highestToken: number;
  /** Accesses let through in this life, in order. */
  accepted: AcceptedAccess[];
  /** Saves that replaced a version that their author had not seen. */
  overwritten: number;
  /** Accesses refused for their token. */
  refused: number;
  /** Its disk has failed to sync: it lets nobody in until it is restarted. */
  broken: boolean;
}

export interface ProtectedResourceOptions {
  /** Refuse tokens below the highest seen. Default true. */
  readonly fencing?: boolean;
}

const FILE = 'document';

export function protectedResource({ fencing = true }: ProtectedResourceOptions = {}): Actor<
  ProtectedResourceState,
  ProtectedResourceProtocol
> {
  const admit = (state: ProtectedResourceState, kind: 'load' | 'save', { holder, token }: Access): void => {
    if (state.broken) throw reject('disk-failed');
    if (fencing && token < state.highestToken) {
      state.refused++;
      throw reject('stale-token', `token ${token} is below ${state.highestToken}`);
    }
    state.highestToken = Math.max(state.highestToken, token);
    state.accepted.push({ kind, holder, token });
  };
  const stop = (state: ProtectedResourceState): void => {
    state.broken = true;
  };
  return defineActor<ProtectedResourceState, ProtectedResourceProtocol>({
    role: 'resource',
    init: () => ({ version: 0, highestToken: 0, accepted: [], overwritten: 0, refused: 0, broken: false }),
    recover(disk, ctx) {
      const records = disk.log<{ version: number; token: number }>(FILE);
      ctx.disk.truncate(FILE, records.length);
      const last = records.at(-1) ?? { version: 0, token: 0 };
      return {
        version: last.version,
        highestToken: last.token,
        accepted: [],
        overwritten: 0,
        refused: 0,
        broken: false,
      };
    },
    flows: {
      *load(access, ctx) {
        const version = ctx.update((state) => {
          const before = state.highestToken;
          admit(state, 'load', access);
          if (state.highestToken > before) ctx.disk.append(FILE, { version: state.version, token: state.highestToken });
          return state.version;
        });
        yield* syncOrStop(ctx, stop);
        return { version };
      },
      *save(access, ctx) {
        const version = ctx.update((state) => {
          admit(state, 'save', access);
          if (access.base !== state.version) {
            state.overwritten++;
            ctx.note(`${access.holder} overwrites version ${state.version}, having seen only ${access.base}`);
          }
          // What the document becomes does not build on what it was: the work between is lost.
          state.version = access.base + 1;
          ctx.disk.append(FILE, { version: state.version, token: state.highestToken });
          return state.version;
        });
        yield* syncOrStop(ctx, stop);
        return { version };
      },
    },
  });
}
