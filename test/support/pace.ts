/**
 * How fast the machine is just now. Bounds in seconds are for this class of machine as it usually is; it can be half as fast for an hour
 * when its neighbours are busy, with nothing to see in its own load. So what is bounded is set against a fixed piece of work, of the kind
 * that checkers and simulations do, that is measured right before.
 */

/**
 * CPU time of the piece of work when this class of machine is as usual, ms. It took 80 to 115 on a slow day, when a virtual hour of gossip
 * (hour.timed.ts) took 12 to 16 s of CPU instead of its usual 8: that is where the number comes from.
 */
const USUAL = 60;

/** Objects, texts, maps and a sort, more than a processor's cache holds. */
function work(): number {
  const byName = new Map<string, { readonly at: number; readonly seen: number[] }>();
  let state = 1;
  for (let i = 0; i < 120_000; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const name = `k${state % 40_000}`;
    const known = byName.get(name);
    if (known === undefined) byName.set(name, { at: i, seen: [state] });
    else known.seen.push(state);
  }
  const rows = [...byName.values()].sort((a, b) => (a.seen[0] as number) - (b.seen[0] as number));
  return rows.reduce((sum, { at, seen }) => (sum + at * seen.length) % 1_000_003, 0);
}

/** CPU time that this process has taken, ms. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** How many times as long as usual everything takes; 1 at least: a fast machine is held to the bounds as they are. */
export function pace(): number {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const begin = cpuTime();
    if (work() < 0) throw new Error('never');
    best = Math.min(best, cpuTime() - begin);
  }
  return Math.max(1, best / USUAL);
}
