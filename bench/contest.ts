/** Measures contestants in turns, A B C A B C …, so that whatever else the machine does strikes all of them alike. */

/** What a contestant says that has looked at a clock of its own: another program, without its start. */
export interface Timed {
  readonly units: number;
  readonly nanoseconds: number;
}

/** Works on a state of its own. */
export interface Contestant {
  /** Does a fair share of work and returns how many units (events, jobs, calls) that was, and how long it took if it knows better. */
  run(): number | Timed;
}

/** Rounds that are not counted: the code is compiled and the tables grow in them. */
const WARM_UP = 2;

/** Nanoseconds per unit: one list per contestant, one value per round. */
export function contest(rounds: number, contestants: readonly Contestant[]): number[][] {
  const times: number[][] = contestants.map(() => []);
  for (let round = -WARM_UP; round < rounds; round++) {
    contestants.forEach((contestant, i) => {
      const from = performance.now();
      const done = contestant.run();
      const { units, nanoseconds } =
        typeof done === 'number' ? { units: done, nanoseconds: (performance.now() - from) * 1e6 } : done;
      if (round >= 0) times[i]?.push(nanoseconds / units);
    });
  }
  return times;
}
