/** Fewer operations of clients, fewer nodes, no luck in the network. */
import { ConfigError } from '../base/errors.ts';
import { ms } from '../base/time.ts';
import { parseFault, type Fault } from '../faults/fault.ts';
import type { FaultSchedule } from '../faults/schedule.ts';
import { checkTargets, knownFrom, type Known } from '../faults/targets.ts';
import { readParams } from '../params.ts';
import type { RunResult } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import { topologyOf } from '../topology-of.ts';
import { least } from './bisect.ts';
import { ddmin } from './ddmin.ts';
import type { Minimiser } from './minimiser.ts';
import type { Trial } from './trial.ts';

const TRIES = 5;

/** No operation after the failure, then none of most clients. `shown`: a run that failed, for who asks for what and when. */
export function withholdOperations(m: Minimiser, shown: RunResult): void {
  const { operations } = shown;
  const last = operations.at(-1);
  if (last === undefined) return;
  const limited = (): NonNullable<Trial['limited']> => m.trial.limited ?? {};
  const high = Math.min(limited().before ?? Infinity, last.invokedAt + 1);
  const stopAt = (before: number): boolean => m.accept('operations', { ...m.trial, limited: { ...limited(), before } });
  if (stopAt(high)) stopEarlier(m.trial, (operations[0] ?? last).invokedAt + 1, high, stopAt);
  const clients = [...new Set(operations.map(({ client }) => nodeOf(client)))];
  const silent = new Set(Object.keys(limited().perClient ?? {}));
  const talking = clients.filter((client) => !silent.has(client));
  ddmin(talking, (needed) => {
    const perClient = Object.fromEntries(
      clients.filter((client) => !needed.includes(client)).map((client) => [client, 0]),
    );
    return m.accept('operations', { ...m.trial, limited: { ...limited(), perClient } });
  });
}

/** Operations that begin after the last fault are seldom needed; those before it sometimes are not either, but for a few. */
function stopEarlier({ faults }: Trial, low: number, high: number, stopAt: (before: number) => boolean): void {
  const halving = { tries: TRIES, grain: ms(10) };
  const lastFault = Math.max(low, Math.min(faults.at(-1)?.at ?? 0, high));
  if (least(lastFault, high, stopAt, halving) === lastFault) least(low, lastFault, stopAt, halving);
}

/** A client is a node, and perhaps one of its sessions. */
const nodeOf = (client: string): string => client.split('/')[0] as string;

/** Lowers the parameters that say how many nodes there are. Faults lose the targets that are gone. */
export function removeNodes(m: Minimiser): void {
  for (const name of sizesOf(m.scenario, m.trial.params)) {
    const size = m.trial.params[name] as number;
    least(Math.min(1, size), size, (n) => acceptSize(m, name, n), { tries: TRIES });
  }
}

function acceptSize(m: Minimiser, name: string, size: number): boolean {
  try {
    const params = readParams(m.scenario.params, { ...m.trial.params, [name]: size });
    const known = knownFrom(topologyOf(m.scenario, params).nodes);
    const smaller: Trial = { ...m.trial, params, faults: pruned(m.trial.faults, known) };
    return m.accept(
      'nodes',
      smaller.limited === undefined ? smaller : { ...smaller, limited: limitsOf(smaller.limited, known) },
    );
  } catch (error) {
    // Out of the parameter's bounds, or no such world.
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function limitsOf(
  { perClient, ...rest }: NonNullable<Trial['limited']>,
  { nodes }: Known,
): NonNullable<Trial['limited']> {
  if (perClient === undefined) return rest;
  return {
    ...rest,
    perClient: Object.fromEntries(Object.entries(perClient).filter(([client]) => nodes.includes(client))),
  };
}

/** Names of the parameters of which one less makes a world of fewer nodes. */
function sizesOf(scenario: Scenario, params: Trial['params']): string[] {
  const all = topologyOf(scenario, params).nodes.length;
  return Object.entries(scenario.params).flatMap(([name, { kind }]) => {
    if (kind !== 'count') return [];
    try {
      const fewer = readParams(scenario.params, { ...params, [name]: (params[name] as number) - 1 });
      return topologyOf(scenario, fewer).nodes.length < all ? [name] : [];
    } catch (error) {
      if (error instanceof ConfigError) return [];
      throw error;
    }
  });
}

/** The schedule in a smaller world: names that are gone are left out, and faults that have nothing else to hit. */
export function pruned(faults: FaultSchedule, known: Known): FaultSchedule {
  return faults.flatMap((fault) => {
    try {
      const left = parseFault(prunedFault(fault, new Set(known.nodes)), fault.id);
      checkTargets(left, fault.id, known);
      return [left];
    } catch (error) {
      if (error instanceof ConfigError) return [];
      throw error;
    }
  });
}

function prunedFault(fault: Fault, nodes: ReadonlySet<string>): Record<string, unknown> {
  const there = (name: string): boolean => name === '*' || nodes.has(name);
  const left: Record<string, unknown> = { ...fault };
  for (const field of ['nodes', 'from', 'to']) {
    const names = left[field];
    if (Array.isArray(names)) left[field] = (names as string[]).filter(there);
  }
  if ('groups' in fault)
    left['groups'] = fault.groups.map((group) => group.filter(there)).filter((group) => group.length > 0);
  if ('pairs' in fault) left['pairs'] = fault.pairs.filter((pair) => pair.every(there));
  return left;
}

/** Every message takes its mean latency. */
export function flattenNoise(m: Minimiser): void {
  if (m.trial.noise === undefined) m.accept('noise', { ...m.trial, noise: 'nominal' });
}
