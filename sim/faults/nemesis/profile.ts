/** Profiles: named temperaments of a nemesis. */
import type { FaultFamily } from './family.ts';

export interface NemesisProfile {
  readonly name: string;
  /** One line for people. */
  readonly doc: string;
  readonly families: readonly FaultFamily[];
  /** Swarm: in each schedule each family is off with probability ½. */
  readonly swarm: boolean;
  /** Most faults in one schedule, at least 1. */
  readonly maxFaults: number;
  /**
   * What all faults of one schedule may weigh together: each weighs its severity, 0 to 1. A schedule of few faults has heavy
   * ones, one of many has light ones.
   */
  readonly severity: number;
  /** True: nothing has to heal and no quorum is kept. Only safety is judged then. */
  readonly unrestricted: boolean;
}
