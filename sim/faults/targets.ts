/** What faults aim at, and whether it exists. */
import { ConfigError } from '../base/errors.ts';
import type { Fault } from './fault.ts';
import { hint } from '../base/nearest.ts';

/** A node as far as faults aim at it. */
export interface Place {
  readonly id: string;
  readonly zone: string;
  readonly region: string;
}

/** What can be aimed at. */
export interface Known {
  readonly nodes: readonly string[];
  readonly zones: readonly string[];
  readonly regions: readonly string[];
}

/** The nodes, zones and regions of these places, in order of their first mention. */
export const knownFrom = (places: readonly Place[]): Known => ({
  nodes: places.map(({ id }) => id),
  zones: [...new Set(places.map(({ zone }) => zone))],
  regions: [...new Set(places.map(({ region }) => region))],
});

interface Mention {
  readonly what: 'node' | 'zone' | 'region';
  readonly field: string;
  readonly name: string;
}

const list = (field: string, names: '*' | readonly string[] | undefined): Mention[] =>
  names === undefined || names === '*' ? [] : names.map((name, i) => ({ what: 'node', field: `${field}[${i}]`, name }));

/** Every name in a fault, with its field. */
function mentions(fault: Fault): Mention[] {
  const found: Mention[] = [];
  if ('node' in fault) found.push({ what: 'node', field: 'node', name: fault.node });
  if ('nodes' in fault) found.push(...list('nodes', fault.nodes));
  if ('from' in fault) found.push(...list('from', fault.from));
  if ('to' in fault) found.push(...list('to', fault.to));
  if ('groups' in fault) {
    for (const [i, group] of fault.groups.entries()) if (group[0] !== '*') found.push(...list(`groups[${i}]`, group));
  }
  if ('pairs' in fault) for (const [i, pair] of fault.pairs.entries()) found.push(...list(`pairs[${i}]`, pair));
  if ('zone' in fault) found.push({ what: 'zone', field: 'zone', name: fault.zone });
  if ('region' in fault && fault.region !== undefined)
    found.push({ what: 'region', field: 'region', name: fault.region });
  return found;
}

const oneOf = (names: readonly string[]): string =>
  names.length <= 12 ? names.join(', ') : `${names.slice(0, 11).join(', ')}, … (${names.length} in all)`;

/** Throws ConfigError, naming the field in `field`, unless everything that the fault names is known. */
export function checkTargets(fault: Fault, field: string, known: Known): void {
  for (const { what, field: part, name } of mentions(fault)) {
    const names = known[`${what}s`];
    if (names.includes(name)) continue;
    throw new ConfigError(`${field}.${part}`, name, `a ${what} of this world: ${oneOf(names)}${hint(name, names)}`);
  }
}

/** The nodes of a zone or region outage. */
export const nodesInside = <T extends Place>(
  fault: { zone?: string; region?: string | undefined },
  places: readonly T[],
): T[] =>
  places.filter(
    (place) =>
      (fault.zone === undefined || place.zone === fault.zone) &&
      (fault.region === undefined || place.region === fault.region),
  );

/**
 * Names of the nodes that the fault aims at, each once: those that it names, and, when `places` are given, those that it means
 * by a zone, a region or '*' in `nodes` and `groups`.
 */
export function targetsOf(fault: Fault, places: readonly Place[] = []): string[] {
  const names = mentions(fault).flatMap(({ what, name }) => (what === 'node' ? [name] : []));
  if (fault.kind === 'zone-outage' || fault.kind === 'region-outage')
    names.push(...nodesInside(fault, places).map(({ id }) => id));
  const all =
    ('nodes' in fault && fault.nodes === '*') || ('groups' in fault && fault.groups.some(([first]) => first === '*'));
  if (all) names.push(...places.map(({ id }) => id));
  return [...new Set(names)];
}
