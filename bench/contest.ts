/** Measures contestants in turns, A B C A B C …, so that whatever else the machine does strikes all of them alike. */

/** Works on a state of its own. */
export interface Contestant {
  /** Does a fair share of work and returns how many units (events, jobs, calls) that was. */
  run(): number;
}

/** Rounds that are not counted: the code is compiled and the tables grow in them. */
const WARM_UP = 2;

/** Nanoseconds per unit: one list per contestant, one value per round. */
export function contest(rounds: number, contestants: readonly Contestant[]): number[][] {
  const times: number[][] = contestants.map(() => []);
  for (let round = -WARM_UP; round < rounds; round++) {
    contestants.forEach((contestant, i) => {
      const from = performance.now();
      const units = contestant.run();
      const nanoseconds = ((performance.now() - from) * 1e6) / units;
      if (round >= 0) times[i]?.push(nanoseconds);
    });
  }
  return times;
}
