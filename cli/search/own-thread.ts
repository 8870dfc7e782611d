/**
 * Workers that keep to their own threads: as many workers as cores, and no more work than workers can do.
 *
 * By default V8 gives every isolate helper threads, for optimising code and for scavenging. They are as busy as a quarter of the
 * worker that they help, and with a worker on every core they only take its time: measured on schedules of 5 ms, one worker with
 * helpers costs 5.9 ms of CPU a schedule, without them 5.5 ms. Both flags can be changed in a running process: the first counts for
 * isolates that begin later, the second at each scavenge. (Those of concurrent marking cannot: the process dies.)
 */
import { setFlagsFromString } from 'node:v8';

/** For all workers that begin from now on. */
export function keepWorkersToTheirThreads(): void {
  setFlagsFromString('--no-concurrent-recompilation');
  setFlagsFromString('--no-parallel-scavenge');
}
