/**
 * A replica of registers that clients read and write by quorums (quorum-store.ts holds the client's side).
 *
 * It keeps, per key, the value with the highest stamp it has seen, and answers a store once that is on disk. It decides nothing:
 * all order comes from the stamps. So it needs no leader and no clock, and any number of clients may write.
 *
 * A store is idempotent and commutes with other stores, which makes loss, duplication, reordering and retries harmless.
 */
import { ConfigError, copyOf, defineActor, reject, type Actor } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { StoredValue } from './command.ts';

/** When a value was written, as its writer sees it: ordered by counter, then by writer. */
export interface Stamp {
  readonly counter: number;
  /** Session of the writer; '' only for what was never written. */
  readonly writer: string;
}

export interface Stamped {
  readonly stamp: Stamp;
  /** null: never written. */
  readonly value: StoredValue | null;
}

/** Before every write. */
export const UNWRITTEN: Stamped = Object.freeze({ stamp: Object.freeze({ counter: 0, writer: '' }), value: null });

/** Whether `a` was written after `b`. */
export const isLater = (a: Stamp, b: Stamp): boolean =>
  a.counter > b.counter || (a.counter === b.counter && a.writer > b.writer);

export interface RegisterReplicaProtocol {
  fetch(request: { readonly key: string }): Stamped;
  store(request: { readonly key: string } & Stamped): void;
}

export interface RegisterReplicaState {
  cells: Record<string, Stamped>;
  /** Per key: the latest stamp that a flush has made durable. */
  synced: Record<string, Stamp>;
  /** Its disk has failed to sync: it answers nothing until it is restarted. */
  broken: boolean;
}

export interface RegisterReplicaOptions {
  /** Answer a store only when it is on disk. Without it a crash can take back what was acknowledged. Default true. */
  readonly fsync?: boolean;
}

const FILE = 'cells';

/** Throws ConfigError naming the option. */
export function registerReplica({ fsync = true }: RegisterReplicaOptions = {}): Actor<
  RegisterReplicaState,
  RegisterReplicaProtocol
> {
  if (typeof fsync !== 'boolean') throw new ConfigError('registerReplica.fsync', fsync, 'true or false');
  return defineActor<RegisterReplicaState, RegisterReplicaProtocol>({
    role: 'replica',
    init: () => ({ cells: {}, synced: {}, broken: false }),
    recover(disk, ctx) {
      const cells: Record<string, Stamped> = {};
      const records = disk.log<{ key: string } & Stamped>(FILE);
      // What stands behind a torn record would stay unreadable for ever.
      ctx.disk.truncate(FILE, records.length);
      for (const { key, stamp, value } of records)
        if (isLater(stamp, cells[key]?.stamp ?? UNWRITTEN.stamp)) cells[key] = { stamp, value };
      const synced = Object.fromEntries(Object.entries(cells).map(([key, { stamp }]) => [key, copyOf(stamp)]));
      return { cells, synced, broken: false };
    },
    on: {
      fetch(state, { key }) {
        if (state.broken) throw reject('disk-failed');
        return copyOf(state.cells[key] ?? UNWRITTEN);
      },
    },
    flows: {
      *store({ key, stamp, value }, ctx) {
        ctx.update((state) => {
          if (state.broken) throw reject('disk-failed');
          if (!isLater(stamp, state.cells[key]?.stamp ?? UNWRITTEN.stamp)) return;
          ctx.disk.append(FILE, { key, stamp, value });
          state.cells[key] = { stamp: copyOf(stamp), value: copyOf(value) };
        });
        // Also for a stamp that it has already: it may not be on disk yet.
        if (!fsync) return;
        yield* syncOrStop(ctx, (state) => void (state.broken = true));
        ctx.update(({ synced }) => {
          if (isLater(stamp, synced[key] ?? UNWRITTEN.stamp)) synced[key] = copyOf(stamp);
        });
      },
    },
    phase: (state) => (state.broken ? 'broken' : 'replica'),
  });
}
