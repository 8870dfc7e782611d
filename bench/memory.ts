/** What this process needs. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The most memory that this process has had so far (resident set), in MiB. */
export const peakMemory = (): number => process.resourceUsage().maxRSS / 1_024;

let collect: (() => void) | undefined;

/** Memory in use once everything that nobody refers to is gone, in bytes: the heap, and buffers outside of it. */
export function memoryInUse(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // Twice: what the first one finds to have an end of its own is gone after the second.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
