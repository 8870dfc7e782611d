import type { Micros } from '../base/time.ts';

/**
 * Since when its client waits for an operation: latencies count from here. From `invokedAt` on they would leave out the waiting that a slow
 * service imposes on clients which ask less while it is slow (coordinated omission: G. Tene).
 */
export const awaitedFrom = ({
  intendedAt,
  invokedAt,
}: {
  readonly intendedAt?: Micros;
  readonly invokedAt: Micros;
}): Micros => intendedAt ?? invokedAt;
