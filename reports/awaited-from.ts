/** Since when a client waits for its operation: latencies in a report count from there, as those of experiments do. */
import type { Micros } from '../sim/base/time.ts';
import type { Operation } from '../sim/history/operation.ts';

export const awaitedFrom = ({ intendedAt, invokedAt }: Operation): Micros => intendedAt ?? invokedAt;
