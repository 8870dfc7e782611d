import fc from 'fast-check';
import { s, type Micros } from '../base/time.ts';
import type { NemesisTopology } from '../faults/nemesis/topology.ts';

export interface TopologiesOptions {
  /** Roles of the nodes beside clients. Default `replica` and `proxy`. */
  readonly roles?: readonly string[];
  /** Most nodes of one role. Default 7. */
  readonly perRole?: number;
  /** Most zones of a region and most regions. Default 3. */
  readonly places?: number;
  /** Longest run. Default 60 s. */
  readonly maxEnd?: Micros;
}

/**
 * Any world as a nemesis sees it: at least one node of the first role, nodes of the others and clients or none, spread over zones
 * and regions. Names are made of role and number: `replica1`, `client2`.
 */
export function topologies(options: TopologiesOptions = {}): fc.Arbitrary<NemesisTopology> {
  const { roles = ['replica', 'proxy'], perRole = 7, places = 3, maxEnd = s(60) } = options;
  const sizes = [...roles, 'client'].map((role, i) =>
    fc.tuple(fc.constant(role), fc.integer({ min: i === 0 ? 1 : 0, max: perRole })),
  );
  return fc
    .record({
      sizes: fc.tuple(...sizes),
      zones: fc.integer({ min: 1, max: places }),
      regions: fc.integer({ min: 1, max: places }),
      end: fc.integer({ min: Math.min(s(1), maxEnd), max: maxEnd }),
    })
    .map(({ sizes: drawn, zones, regions, end }) => ({
      nodes: drawn.flatMap(([role, size]) =>
        Array.from({ length: size }, (_, i) => ({
          id: `${role}${i + 1}`,
          role,
          zone: `zone-${(i % zones) + 1}`,
          region: `region-${(Math.floor(i / zones) % regions) + 1}`,
        })),
      ),
      end,
    }));
}
