/**
 * The nemesis: fault schedules drawn at random from what is there to be hit.
 *
 * A schedule is a swarm's (Groce et al., "Swarm testing", ISSTA 2012): each family of faults is off with probability ½, because
 * a run in which everything happens hides what needs one thing to go on happening. How many faults there are, and how heavy
 * each is, share one budget. Restricted profiles heal, and leave of each role more nodes up than down, so that recovery is
 * owed; the unrestricted one may destroy what it likes, and only safety may be judged.
 *
 * Each accident draws from a stream of its own, so that it does not depend on how many draws another one took.
 */
import { RandomStream } from '../random/stream.ts';
import { parseSchedule, schedule, scheduleJson, type FaultSchedule } from './schedule.ts';
import type { Fault } from './fault.ts';
import { Arena } from './nemesis/arena.ts';
import { DRAWERS } from './nemesis/drawers.ts';
import { UNRECOVERABLE, type FaultFamily } from './nemesis/family.ts';
import type { NemesisLimits } from './nemesis/limits.ts';
import { resolveLimits, type ResolvedLimits } from './nemesis/limits.ts';
import type { NemesisProfile } from './nemesis/profile.ts';
import type { NemesisTopology } from './nemesis/topology.ts';
import { knownFrom } from './targets.ts';

/** How often an accident that the limits forbid is drawn again before it is left out. */
const ATTEMPTS = 4;

/** The stream of schedule `k` of `seed` under a profile: the same schedule whatever was drawn before. */
export const scheduleStream = (seed: string, profile: NemesisProfile, k: number): RandomStream =>
  new RandomStream(seed, `nemesis/${profile.name}/${k}`);

/**
 * Draws a schedule. It may be empty, when limits or chance leave nothing to hit. Throws ConfigError for limits that cannot be
 * kept in this world.
 */
export function drawSchedule(
  topology: NemesisTopology,
  profile: NemesisProfile,
  limits: NemesisLimits,
  random: RandomStream,
): FaultSchedule {
  const resolved = resolveLimits(limits, topology, profile.unrestricted);
  const key = random.uint32();
  const stream = (name: string): RandomStream => new RandomStream(random.seed, `${random.name}/${key}/${name}`);
  const arena = new Arena(topology, resolved, profile.unrestricted);
  const families = swarm(possible(profile, resolved, arena), profile.swarm, stream('swarm'));
  const most = Math.min(profile.maxFaults, resolved.maxFaults ?? profile.maxFaults);
  if (families.length === 0 || most === 0) return [];
  const severities = share(profile.severity, stream('budget'), most);
  const drawn: Fault[] = [];
  for (const [i, severity] of severities.entries()) {
    for (let attempt = 0; attempt < ATTEMPTS && drawn.length < most; attempt++) {
      const own = stream(`${i}/${attempt}`);
      const accident = DRAWERS[own.pick(families)]({ arena, random: own, severity, room: most - drawn.length });
      if (accident.length === 0) continue;
      drawn.push(...accident);
      break;
    }
  }
  return parseSchedule(scheduleJson(schedule(drawn)), knownFrom(topology.nodes));
}

function possible(profile: NemesisProfile, limits: ResolvedLimits, arena: Arena): FaultFamily[] {
  return profile.families.filter(
    (family) =>
      (profile.unrestricted || !UNRECOVERABLE.includes(family)) &&
      (limits.families === undefined || limits.families.includes(family)) &&
      arena.targets(family).length > 0,
  );
}

/** Each family is off with probability ½; where chance switches all of them off, one is left on. */
function swarm(families: readonly FaultFamily[], on: boolean, random: RandomStream): readonly FaultFamily[] {
  if (!on || families.length < 2) return families;
  const kept = families.filter(() => random.chance(0.5));
  return kept.length > 0 ? kept : [random.pick(families)];
}

/** Severities, each above 0 and at most 1, of 1 to `most` accidents: uneven shares of the budget. */
function share(budget: number, random: RandomStream, most: number): number[] {
  const weights = Array.from({ length: random.between(1, most) }, () => 0.1 + random.next());
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => Math.min(1, (budget * weight) / sum));
}
