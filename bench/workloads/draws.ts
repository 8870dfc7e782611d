/** Random numbers for the reference loops: as cheap as they come, and the same in every run. */

export class Draws {
  private state: number;

  constructor(seed = 12_345) {
    this.state = seed;
  }

  /** Uniform in (0, 1). A linear congruential generator (Numerical Recipes). */
  next(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.state + 0.5) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Exponential, in whole microseconds. */
  exponential(mean: number): number {
    return Math.round(-Math.log(this.next()) * mean);
  }
}
