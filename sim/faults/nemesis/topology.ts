/** What a nemesis needs to know of a world. */
import type { Micros } from '../../base/time.ts';

export interface NemesisNode {
  readonly id: string;
  readonly role: string;
  readonly zone: string;
  readonly region: string;
}

export interface NemesisTopology {
  readonly nodes: readonly NemesisNode[];
  /** Length of the run. */
  readonly end: Micros;
}
