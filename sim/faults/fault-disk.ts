/** Faults of disks. */
import * as v from 'valibot';
import { factor, named, node, probability, timed } from './fields.ts';

/** Each flush takes `factor` times as long. */
const diskSlow = v.strictObject({ kind: v.literal('disk-slow'), ...timed, node, factor });

/** Writes and appends fail with `disk-full`. */
const diskFull = v.strictObject({ kind: v.literal('disk-full'), ...timed, node });

/** Each fsync fails, and what it should have made durable never will be. */
const fsyncFail = v.strictObject({ kind: v.literal('fsync-fail'), ...timed, node });

/** The disk lies: fsync succeeds, but nothing reaches the platter. The next crash tells. */
const lostWrites = v.strictObject({ kind: v.literal('lost-writes'), ...timed, node });

/** The next crash while it lasts keeps some of the writes that were not synced, and tears the last of these. */
const tornWrite = v.strictObject({ kind: v.literal('torn-write'), ...timed, node });

/** At this instant each durable record is corrupted with `probability`; which ones depends on fault and place alone. */
const bitRot = v.strictObject({ kind: v.literal('bit-rot'), ...named, node, probability });

export const diskFaults = [diskSlow, diskFull, fsyncFail, lostWrites, tornWrite, bitRot] as const;
