/** The lanes of the space-time diagram: which nodes, in which order. Nodes on one side of a partition stand together. */
import type { Micros } from '../sim/base/time.ts';
import type { FaultOutcome, RunResult } from '../sim/result.ts';
import type { ClockTurn } from '../sim/world/node-clock.ts';
import { contradiction, hostOf, inForceAt, type Step } from './steps.ts';
import { leadingVerdict } from './headline.ts';

export interface Lane {
  readonly node: string;
  readonly role: string;
  /** Invokes operations. */
  readonly client: boolean;
  /** How its clock went, when it did not show true time throughout. */
  readonly clock?: readonly ClockTurn[];
}

/** More lanes than this cannot be told apart on a screen; the nodes that matter are kept. */
const MOST_LANES = 48;

export function lanesOf(result: RunResult, steps: readonly Step[], at: Micros): readonly Lane[] {
  const clients = new Set(result.operations.map((op) => hostOf(op.client)));
  const side = sideOf(result, at);
  const lanes = shown(result, steps).map(({ id, role, clock }): Lane => ({
    node: id,
    role,
    client: clients.has(id),
    ...(clock === undefined ? {} : { clock }),
  }));
  // By name within a side and a kind: the same place in every run of a scenario.
  return lanes.toSorted(
    (a, b) => Number(a.client) - Number(b.client) || side(a.node) - side(b.node) || byName(a.node, b.node),
  );
}

/** `n2` before `n10`. */
function byName(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.replace(/\d+/g, (digits) => digits.padStart(12, '0')));
  return left === right ? 0 : (left as string) < (right as string) ? -1 : 1;
}

/** 0 for the nodes that the partition in force at `at` cuts off, 1 for the others. */
function sideOf(result: RunResult, at: Micros): (node: string) => number {
  const cutting = result.faults.filter((fault) => fault.effects > 0 && isCut(fault, result));
  const fault = cutting.find((cut) => inForceAt(cut, at)) ?? cutting.findLast((cut) => cut.at <= at);
  const apart = new Set(fault === undefined ? [] : smallestSide(fault, result));
  return (node) => (apart.has(node) ? 0 : 1);
}

interface Planned {
  readonly id?: unknown;
  readonly kind?: unknown;
  readonly groups?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
}

const plannedOf = (fault: FaultOutcome, result: RunResult): Planned | undefined =>
  (result.schedule as readonly Planned[]).find((planned) => planned?.id === fault.id);

const CUTS: ReadonlySet<unknown> = new Set(['partition', 'flapping', 'isolate', 'partition-one-way', 'clog']);
const isCut = (fault: FaultOutcome, result: RunResult): boolean => CUTS.has(plannedOf(fault, result)?.kind);

function smallestSide(fault: FaultOutcome, result: RunResult): readonly string[] {
  const { groups, from, to } = plannedOf(fault, result) ?? {};
  if (!Array.isArray(groups)) {
    const ends = [from, to]
      .filter((end): end is string[] => Array.isArray(end))
      .toSorted((a, b) => a.length - b.length);
    return ends[0] ?? (fault.nodes.length < result.nodes.length ? fault.nodes : []);
  }
  const named = (groups as string[][]).filter((group) => Array.isArray(group) && group[0] !== '*');
  return named.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

/** The nodes of a fault that its band is drawn on: the side that is cut off, or all that it aims at. */
export function bandNodes(fault: FaultOutcome, result: RunResult): readonly string[] {
  return isCut(fault, result) ? smallestSide(fault, result) : fault.nodes;
}

function shown(result: RunResult, steps: readonly Step[]): RunResult['nodes'] {
  if (result.nodes.length <= MOST_LANES) return result.nodes;
  const verdict = leadingVerdict(result);
  const concerned = [
    ...steps.map((step) => step.node ?? ''),
    ...(verdict?.witness?.nodes ?? []),
    ...contradiction(verdict, result.operations).flatMap((op) => [hostOf(op.client), op.node ?? '']),
    ...result.faults.flatMap((fault) => (fault.effects > 0 ? fault.nodes : [])),
    ...result.nodes.map((node) => node.id),
  ];
  const kept = new Set([...new Set(concerned.filter((node) => node !== ''))].slice(0, MOST_LANES));
  return result.nodes.filter((node) => kept.has(node.id));
}
