/**
 * A record in two copies, numbered: the readable one with the higher number counts. A crash tears at most the copy that is written
 * last, and then the new record was not yet durable; only rot damages both.
 */
import type { Context, DiskView } from '../../sim/index.ts';

/** The two files. */
export type Copies = readonly [string, string];

interface Numbered {
  readonly serial: number;
}

/** Writes both copies, `first` before the other. Durable after the next fsync. Throws CallError when the disk is full. */
export function writeTwin({ disk }: Pick<Context, 'disk'>, [a, b]: Copies, record: Numbered, first: 0 | 1): void {
  for (const file of first === 0 ? [a, b] : [b, a]) disk.write(file, record);
}

/**
 * Which copy to write first: never the only one that has the latest record, since a crash could tear it. The other may be
 * damaged, or be older: a crash may have kept the first write and not the second.
 */
export function copyToWriteFirst(disk: DiskView, copies: Copies): 0 | 1 {
  const [a, b] = copies.map((file) => disk.read<Numbered>(file)?.serial ?? 0) as [number, number];
  return b < a ? 1 : 0;
}

/** The record; `none` when there never was one, `damaged` when both copies are unreadable. */
export function readTwin<T extends Numbered>(disk: DiskView, copies: Copies): T | 'none' | 'damaged' {
  const readable = copies.flatMap((file) => disk.read<T>(file) ?? []);
  const latest = readable.reduce<T | undefined>(
    (best, copy) => (copy.serial > (best?.serial ?? 0) ? copy : best),
    undefined,
  );
  if (latest !== undefined) return latest;
  const damaged = disk.damage().filter((name) => copies.some((file) => file === name));
  // The very first record may have been torn: then no copy was durable.
  return damaged.length === copies.length ? 'damaged' : 'none';
}
