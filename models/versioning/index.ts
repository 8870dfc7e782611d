/** Versions: what other rooms and users see. */
export { dottedVersionVectors, type DottedCell } from './dotted-version-vectors.ts';
export { timestamps, type TimestampedCell } from './timestamps.ts';
export {
  compareClocks,
  increment as incrementClock,
  mergeClocks,
  truncated as truncatedClock,
  TRUNCATION_THRESHOLD,
  type ClockEntry,
  type VectorClock,
} from './vector-clock.ts';
export { vectorClocks, type ClockedVersions, type VectorClocksOptions } from './vector-clocks.ts';
export { versionNumbers, type NumberedCell } from './version-numbers.ts';
export type { VersionVector } from './version-vector.ts';
export type { Order, Reading as VersionedReading, Versioning, Writer } from './versioning.ts';
