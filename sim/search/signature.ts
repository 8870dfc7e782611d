/**
 * Which failures are the same one? Two findings are grouped when they violate the same property, their witnesses are of the same
 * kind (where the check tells kinds apart) and speak of nodes of the same roles, and the faults that are left after minimising are of the same kinds on the same roles.
 */
import type { Verdict } from '../check/verdict.ts';
import type { FaultSchedule } from '../faults/schedule.ts';
import { targetsOf } from '../faults/targets.ts';
import type { NemesisNode } from '../faults/nemesis/topology.ts';

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();

function rolesOf(names: readonly string[], nodes: readonly NemesisNode[]): string[] {
  return sorted(nodes.filter(({ id }) => names.includes(id)).map(({ role }) => role));
}

/** `crash@broker`, `partition@client+replica`: each kind with the roles that it hits, once, sorted. */
export function causesOf(faults: FaultSchedule, nodes: readonly NemesisNode[]): string[] {
  return sorted(
    faults.map((fault) => {
      const names = targetsOf(fault, nodes);
      const roles = names.length === 0 ? ['*'] : rolesOf(names, nodes);
      return `${fault.kind}@${roles.join('+')}`;
    }),
  );
}

/** The property, what its witness speaks of, and the causes. `verdict` is absent when the run broke. */
export function signatureOf(
  property: string,
  verdict: Verdict | undefined,
  faults: FaultSchedule,
  nodes: readonly NemesisNode[],
): string {
  const witness = verdict?.witness;
  const kind = witness?.facts?.['kind'];
  const roles = rolesOf(witness?.nodes ?? [], nodes).join('+');
  const causes = causesOf(faults, nodes).join(', ');
  const parts = [property, typeof kind === 'string' ? kind : '', roles, causes === '' ? 'no fault' : causes];
  return parts.filter((part) => part !== '').join(' · ');
}
