/** Arbitrary fault schedules for fast-check: drawn by the nemesis of a scenario, and shrunk as its faults can be. */
import fc from 'fast-check';
import { ConfigError } from '../base/errors.ts';
import type { NemesisProfile } from '../faults/nemesis/profile.ts';
import { profileNamed } from '../faults/nemesis/profiles.ts';
import { knownFrom } from '../faults/targets.ts';
import { parseSchedule, scheduleJson, type FaultSchedule } from '../faults/schedule.ts';
import type { Scenario } from '../scenario.ts';
import { nemesisOf, type NemesisOf } from '../topology-of.ts';
import { fewer, milder } from './shrink-schedule.ts';

export interface FaultSchedulesOptions {
  /** A profile or its name. Default: one of those that the scenario's claims cover, drawn for each schedule. */
  readonly profile?: string | NemesisProfile;
  /** Parameters of the scenario, which decide what nodes there are. Default: its defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Any schedule that the nemesis may draw for the scenario, within the scenario's limits. It shrinks to fewer faults, then to
 * shorter and weaker ones. Throws ConfigError for an unknown profile or bad parameters.
 */
export function faultSchedules(scenario: Scenario, options: FaultSchedulesOptions = {}): fc.Arbitrary<FaultSchedule> {
  const { profile, params } = options;
  const nemesis = nemesisOf(scenario, params);
  const profiles =
    profile === undefined ? nemesis.profiles : [typeof profile === 'string' ? profileNamed(profile) : profile];
  if (profiles.length === 0) {
    throw new ConfigError('profile', profile, `a profile, because scenario ${scenario.name} covers none`);
  }
  return new FaultSchedules(nemesis, profiles);
}

/** A schedule that was made milder is not tried with fewer faults again: that has been done. */
const MILDER = 'milder';

class FaultSchedules extends fc.Arbitrary<FaultSchedule> {
  private readonly nemesis: NemesisOf;
  private readonly profiles: readonly NemesisProfile[];
  private readonly nodes: readonly string[];

  constructor(nemesis: NemesisOf, profiles: readonly NemesisProfile[]) {
    super();
    this.nemesis = nemesis;
    this.profiles = profiles;
    this.nodes = nemesis.topology.nodes.map(({ id }) => id);
  }

  override generate(random: fc.Random): fc.Value<FaultSchedule> {
    const profile = this.profiles[random.nextInt(0, this.profiles.length - 1)] as NemesisProfile;
    const k = random.nextInt(0, 2 ** 31 - 1);
    return new fc.Value(this.nemesis.draw(profile, 'fast-check', k), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is FaultSchedule {
    try {
      parseSchedule(scheduleJson(value as FaultSchedule), knownFrom(this.nemesis.topology.nodes));
      return true;
    } catch {
      return false;
    }
  }

  override shrink(value: FaultSchedule, context: unknown): fc.Stream<fc.Value<FaultSchedule>> {
    return fc.stream(this.smaller(value, context));
  }

  private *smaller(value: FaultSchedule, context: unknown): Generator<fc.Value<FaultSchedule>> {
    if (context !== MILDER) for (const planned of fewer(value)) yield new fc.Value(planned, undefined);
    for (const planned of milder(value, this.nodes)) yield new fc.Value(planned, MILDER);
  }
}
