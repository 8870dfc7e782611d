/**
 * Queues under a balancing policy as a jump chain: thousands of queues for a long time, and nothing but the policy is
 * simulated.
 */
import { RandomStream } from '../../sim/index.ts';
import type { BalancerPolicy } from '../../models/index.ts';

export interface QueuesRun {
  readonly seed: string;
  /** Arrivals per queue and mean service time. */
  readonly load: number;
  readonly n: number;
  /** Mean service times that are measured, after a third as many that are not. */
  readonly time: number;
  /** Share of the queues that begin with at least i jobs. Default: all begin empty. */
  readonly from?: readonly number[];
}

export interface QueuesMeasured {
  /** Mean time in the system, in mean service times, by Little's law. */
  readonly response: number;
  /** Share of the queues with at least i jobs, in the mean over time. */
  readonly atLeast: readonly number[];
}

/**
 * n exponential servers of rate 1 with Poisson arrivals, uniformised: each step is an arrival, which the policy places, or the
 * end of a service at any of the queues, to no effect where it is empty. Steps are equally long on average, so means over steps
 * are means over time.
 */
export function queuesUnder<S>(
  policy: BalancerPolicy<S>,
  { seed, load, n, time, from = [1] }: QueuesRun,
): QueuesMeasured {
  const lengthOf = (rank: number): number => from.filter((share) => (rank + 0.5) / n < share).length - 1;
  const queues = Array.from({ length: n }, (_, index) => ({ index, id: '', weight: 1, inFlight: lengthOf(index) }));
  const state = policy.init(queues);
  const random = new RandomStream(seed, 'policy');
  const steps = new RandomStream(seed, 'steps');
  const placing = { key: '', now: 0, random };
  const arrives = load / (1 + load);
  const perTime = n * (1 + load);
  /** Of each length, how many queues have it or more. */
  const longer = new Int32Array(1_000);
  const sums = new Float64Array(12);
  for (const { inFlight } of queues) for (let i = 1; i <= inFlight; i++) longer[i] = (longer[i] as number) + 1;
  let present = queues.reduce((sum, { inFlight }) => sum + inFlight, 0);
  let total = 0;
  const quiet = Math.round((time / 3) * perTime);
  const measured = Math.round(time * perTime);
  for (let step = -quiet; step < measured; step++) {
    const drawn = steps.next();
    if (drawn < arrives) {
      const queue = queues[policy.pick(state, queues, placing)] as { inFlight: number };
      queue.inFlight++;
      longer[queue.inFlight] = (longer[queue.inFlight] as number) + 1;
      present++;
    } else {
      const queue = queues[Math.floor(((drawn - arrives) / (1 - arrives)) * n)] as { inFlight: number };
      if (queue.inFlight > 0) {
        longer[queue.inFlight] = (longer[queue.inFlight] as number) - 1;
        queue.inFlight--;
        present--;
      }
    }
    if (step < 0) continue;
    total += present;
    // Queue lengths change slowly: a look each hundredth of a mean service time or so is enough.
    if (step % n === 0) for (let i = 1; i < sums.length; i++) sums[i] = (sums[i] as number) + (longer[i] as number);
  }
  const looks = Math.ceil(measured / n);
  return { response: total / measured / (load * n), atLeast: Array.from(sums, (sum) => sum / looks / n) };
}
