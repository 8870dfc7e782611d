/**
 * PCT: random priorities and few changes of them (Burckhardt, Kothari, Musuvathi, Nagarakatte, "A randomized scheduler with
 * probabilistic guarantees of finding bugs", ASPLOS 2010).
 *
 * A bug has depth d when d ordering constraints between events suffice to show it. In a run of at most k decisions over at most n
 * threads of control, a bug of depth d is found with a probability of at least 1 / (n · k^(d−1)): every thread has a random
 * priority, the first of those that can go on goes on, and at d − 1 decisions, drawn from the k, the thread that would go
 * on falls below all others.
 *
 * There are no threads here. What takes their place are causal chains, as in its successor for distributed systems (Ozkan et al.,
 * "Randomized testing of distributed systems with probabilistic guarantees", OOPSLA 2018): an event and the first message that it
 * sent belong to one chain, the others begin chains of their own, and timers that keep their order are one. Simplified: the
 * partition into chains is this greedy one and not the smallest possible, so n is larger than it need be; and only steps with an
 * alternative count towards k, because at the others there is nothing to constrain. Each drop and duplicate happens at a decision
 * drawn from the k: each divides the bound by k once more.
 */
import { RandomStream } from '../../random/stream.ts';
import type { Alternative, OrderRules, Position } from '../../world/director.ts';
import { atLeastOne, type Chooser, type Strategy } from './strategy.ts';

export interface PctOptions {
  /** How many runs. Default 1,000. */
  readonly runs?: number;
  /** d, the depth of the bugs looked for, at least 1. Default 3. */
  readonly depth?: number;
  /** k, the decisions of a run. Default: the most of the runs so far (the first run then changes no priority). */
  readonly steps?: number;
}

/** The probability, at least, with which one run finds a bug of depth `depth`. */
export function pctBound({
  depth,
  steps,
  chains,
}: {
  readonly depth: number;
  readonly steps: number;
  readonly chains: number;
}): number {
  let bound = 1 / Math.max(1, chains);
  for (let i = 1; i < depth; i++) bound /= Math.max(1, steps);
  return bound;
}

export function pct({ runs = 1_000, depth = 3, steps }: PctOptions = {}): Strategy {
  atLeastOne('depth', depth);
  if (steps !== undefined) atLeastOne('steps', steps);
  return {
    name: `pct, depth ${depth}`,
    runs: atLeastOne('runs', runs),
    start(seed, rules) {
      let most = steps ?? 0;
      return {
        complete: false,
        begin: (index) => chooser(new RandomStream(seed, `order/pct/${index}`), rules, depth, most),
        end({ choices }) {
          if (steps === undefined) most = Math.max(most, choices);
        },
      };
    },
  };
}

function chooser(random: RandomStream, rules: OrderRules, depth: number, steps: number): Chooser {
  // Decision → the priority that a chain falls to there: all different, and below every one that was drawn.
  const changes = new Map<number, number>();
  for (let i = 1; i < depth && steps > 0; i++) changes.set(random.int(steps), -i);
  const drawn = (count: number): number[] => Array.from({ length: steps > 0 ? count : 0 }, () => random.int(steps));
  const mishaps = {
    drop: drawn(rules.drops).sort((x, y) => x - y),
    duplicate: drawn(rules.duplicates).sort((x, y) => x - y),
  };
  const priorities = new Map<number, number>();
  const priorityOf = ({ chain }: Alternative): number => {
    let priority = priorities.get(chain);
    if (priority === undefined) priorities.set(chain, (priority = random.next()));
    return priority;
  };
  const highest = (alternatives: readonly Alternative[]): number => {
    let best = 0;
    alternatives.forEach((alternative, i) => {
      if (alternative.act === 'happen' && priorityOf(alternative) > priorityOf(alternatives[best] as Alternative))
        best = i;
    });
    return best;
  };
  return (alternatives: readonly Alternative[], { choices }: Position): number => {
    const change = changes.get(choices);
    if (change !== undefined) priorities.set((alternatives[highest(alternatives)] as Alternative).chain, change);
    const best = highest(alternatives);
    const { event } = alternatives[best] as Alternative;
    for (const act of ['drop', 'duplicate'] as const) {
      const mishap = alternatives.findIndex((other) => other.act === act && other.event === event);
      if (mishap < 0 || !(Number(mishaps[act][0]) <= choices)) continue;
      mishaps[act].shift();
      return mishap;
    }
    return best;
  };
}
