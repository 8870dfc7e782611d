/** What a nemesis needs to know of a scenario: its world is built, and not run. */
import { guarded } from './base/guarded.ts';
import type { Micros } from './base/time.ts';
import { scheduleStream, drawSchedule } from './faults/nemesis.ts';
import type { NemesisLimits } from './faults/nemesis/limits.ts';
import type { NemesisProfile } from './faults/nemesis/profile.ts';
import { profileNamed } from './faults/nemesis/profiles.ts';
import type { NemesisTopology } from './faults/nemesis/topology.ts';
import type { FaultSchedule } from './faults/schedule.ts';
import { readParams } from './params.ts';
import type { Scenario } from './scenario.ts';
import { World } from './world/world.ts';

export interface NemesisOf {
  readonly topology: NemesisTopology;
  /** The scenario's limits; `quietAfter` leaves time for the recovery that it owes. */
  readonly limits: NemesisLimits;
  /** The profiles that its claims cover. */
  readonly profiles: readonly NemesisProfile[];
  /** Schedule `k` of `seed`: always the same. */
  draw(profile: NemesisProfile, seed: string, k: number): FaultSchedule;
}

/** Time to heal and then to show it: a quarter of the run, or the recovery owed and an eighth of the run; at most 60 % of the run. */
const quietAfter = (recovery: Micros | false, end: Micros): Micros => {
  const owed = recovery === false ? 0 : recovery + Math.ceil(end / 8);
  return Math.min(Math.floor(end * 0.6), Math.max(Math.ceil(end / 4), owed));
};

/** The nemesis's view of a scenario. Throws ConfigError for bad parameters. */
export function nemesisOf(scenario: Scenario, given?: Readonly<Record<string, unknown>>): NemesisOf {
  const params = readParams(scenario.params, given);
  const end = guarded('duration', () => scenario.duration(params));
  const world = new World({ seed: scenario.seed });
  const built = guarded('build', () => scenario.build({ world, params, duration: end }));
  const topology: NemesisTopology = {
    nodes: world.nodes.map(({ id, role, zone, region }) => ({ id, role, zone, region })),
    end,
  };
  const own = guarded('nemesis.limits', () => scenario.nemesis.limits({ ...(built as object), params, duration: end }));
  const limits: NemesisLimits = { quietAfter: quietAfter(scenario.recovery, end), ...own };
  const profiles = scenario.nemesis.profiles.map((name) => profileNamed(name));
  return {
    topology,
    limits,
    profiles,
    draw: (profile, seed, k) => drawSchedule(topology, profile, limits, scheduleStream(seed, profile, k)),
  };
}

/** The nodes of a scenario's world and the length of its run. */
export const topologyOf = (scenario: Scenario, params?: Readonly<Record<string, unknown>>): NemesisTopology =>
  nemesisOf(scenario, params).topology;
