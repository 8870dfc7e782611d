/** What a sampler draws from. */
export interface RandomSource {
  /**
   * Uniform in [0, 1): a multiple of 2⁻³². The smallest non-zero draw is 2.3e-10, so a sampler's tail ends at that quantile
   * (22 means for an exponential). A sampler that needs more bits draws twice.
   */
  next(): number;
}
