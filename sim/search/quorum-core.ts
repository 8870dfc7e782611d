/**
 * Liveness in two phases: any faults; then a quorum core is healed, the other faults freeze, and progress is owed.
 *
 * How a schedule says so: the faults of restricted profiles all end in good time before the run does. Here some of them, which
 * hit a minority of each role and no client, are made to last (`stays`). The core, all other nodes, has healed when the last fault
 * without that mark has; that instant is the run's `healedAt`, and liveness checks count from there. The schedule alone
 * carries it, so that a repro needs nothing more.
 */
import type { Fault } from '../faults/fault.ts';
import type { FaultSchedule } from '../faults/schedule.ts';
import { nodesInside } from '../faults/targets.ts';
import type { NemesisLimits } from '../faults/nemesis/limits.ts';
import type { NemesisNode, NemesisTopology } from '../faults/nemesis/topology.ts';
import type { RandomStream } from '../random/stream.ts';

/** Clients ask for the progress that is owed: all of them belong to the core. */
const CLIENT = 'client';

/** Freezes faults on one minority, drawn among those that the schedule hits; half of the schedules stay as they are. */
export function freezeOutsideCore(
  planned: FaultSchedule,
  { nodes }: NemesisTopology,
  { maxConcurrentDown = 'minority', mustHeal = [] }: Pick<NemesisLimits, 'maxConcurrentDown' | 'mustHeal'>,
  random: RandomStream,
): FaultSchedule {
  if (random.chance(0.5)) return planned;
  const coverIfLasting = (fault: Fault): readonly string[] | undefined =>
    mustHeal.includes(fault.kind) ? undefined : coverOf(fault, nodes);
  const most = maxConcurrentDown === 'minority' ? Infinity : maxConcurrentDown;
  const minorities = planned.flatMap((fault) => {
    const hit = coverIfLasting(fault);
    return hit !== undefined && isMinority(hit, nodes, most) ? [hit] : [];
  });
  if (minorities.length === 0) return planned;
  const outside = new Set(random.pick(minorities));
  const mayStay = planned.filter((fault) => coverIfLasting(fault)?.every((id) => outside.has(id)) === true);
  const first = random.pick(mayStay);
  const staying = new Set(mayStay.filter((fault) => fault === first || random.chance(0.5)));
  return planned.map((fault) => (staying.has(fault) ? frozen(fault) : fault));
}

function frozen(fault: Fault): Fault {
  const { for: _, ...rest } = fault;
  return { ...rest, stays: true } as Fault;
}

function isMinority(hit: readonly string[], nodes: readonly NemesisNode[], most: number): boolean {
  const roles = new Set<string>();
  for (const { id, role } of nodes) if (hit.includes(id)) roles.add(role);
  if (roles.size === 0 || roles.has(CLIENT)) return false;
  return [...roles].every((role) => {
    const members = nodes.filter((node) => node.role === role);
    const lost = members.filter(({ id }) => hit.includes(id)).length;
    return lost <= Math.min(most, Math.ceil(members.length / 2) - 1);
  });
}

/**
 * The fewest nodes such that whatever the fault bends belongs to one of them or is a link of one of them; undefined for a fault
 * that cannot stay.
 */
export function coverOf(fault: Fault, nodes: readonly NemesisNode[]): readonly string[] | undefined {
  if (fault.for === undefined) return undefined;
  switch (fault.kind) {
    case 'traffic-spike':
    case 'hot-key':
      return undefined;
    case 'partition':
    case 'flapping':
      return smallSides(fault.groups, nodes);
    case 'partition-partial':
      return [...new Set(fault.pairs.map(([a]) => a))];
    case 'zone-outage':
    case 'region-outage':
      return nodesInside(fault, nodes).map(({ id }) => id);
    case 'correlated':
      return fault.nodes;
    case 'clog':
      return fault.nodes ?? smallerEnd(fault.from ?? '*', fault.to ?? '*');
    default:
      return 'node' in fault ? [fault.node] : smallerEnd(fault.from, fault.to);
  }
}

/** All groups but the largest. */
function smallSides(groups: readonly (readonly string[])[], nodes: readonly NemesisNode[]): readonly string[] {
  const named = new Set(groups.flat());
  const rest = nodes.flatMap(({ id }) => (named.has(id) ? [] : [id]));
  const sides = groups.map((group) => (group[0] === '*' ? rest : group));
  const largest = sides.reduce((most, side) => (side.length > most.length ? side : most), []);
  return sides.filter((side) => side !== largest).flat();
}

function smallerEnd(from: '*' | readonly string[], to: '*' | readonly string[]): readonly string[] | undefined {
  if (from === '*') return to === '*' ? undefined : to;
  return to === '*' || from.length <= to.length ? from : to;
}
