/** A server's snapshots: two places on its disk in turn, so that a crash tears at most the one that is being written. */
import type { Context, DiskView } from '../../sim/index.ts';

const PLACES = ['snapshot-a', 'snapshot-b'] as const;

/** Up to where a snapshot reaches, from 0. */
type Reach<T> = (snapshot: T) => number;

/** Writes into the place of the older one. Durable after the next fsync. Throws CallError when the disk is full. */
export function writeInTurn<T>({ disk }: Pick<Context, 'disk'>, snapshot: T, reach: Reach<T>): void {
  const [a, b] = PLACES.map((file) => {
    const there = disk.read<T>(file);
    return there === undefined ? -1 : reach(there);
  }) as [number, number];
  disk.write(a <= b ? PLACES[0] : PLACES[1], snapshot);
}

/** The later of the readable ones; null when there is none. */
export function latestSnapshot<T>(disk: DiskView, reach: Reach<T>): T | null {
  const [a, b] = PLACES.map((file) => disk.read<T>(file)) as [T | undefined, T | undefined];
  if (a === undefined || b === undefined) return a ?? b ?? null;
  return reach(a) >= reach(b) ? a : b;
}
