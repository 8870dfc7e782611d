/** A few different candidates, drawn at random. */
import { ConfigError, type RandomStream } from '../../sim/index.ts';

/** Checks a number of choices. Throws ConfigError. */
export function choicesFrom(choices: number, field: string): number {
  if (choices === Infinity || (Number.isInteger(choices) && choices >= 1)) return choices;
  throw new ConfigError(field, choices, 'a whole number of at least 1, or Infinity for all of them');
}

/**
 * `wanted` different items in random order, all of them when there are not more. Without replacement: the same item drawn
 * twice would be no choice. One draw an item, none when there is only one.
 */
export function drawDistinct<T>(items: readonly T[], wanted: number, random: RandomStream): readonly T[] {
  if (items.length <= wanted) return random.shuffle(items);
  if (wanted === 2) {
    // By far the most frequent case.
    const first = random.int(items.length);
    const second = random.int(items.length - 1);
    return [items[first] as T, items[second >= first ? second + 1 : second] as T];
  }
  const taken: number[] = [];
  return Array.from({ length: wanted }, () => {
    let at = random.int(items.length - taken.length);
    // The at-th of those that are left.
    for (const other of taken) if (at >= other) at++;
    taken.push(at);
    taken.sort((a, b) => a - b);
    return items[at] as T;
  });
}
