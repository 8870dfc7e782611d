/**
 * Smaller schedules: without faults, with shorter ones, with weaker ones. Faults keep their ids, and with these their random draws,
 * so that what is left happens as it did.
 */
import { ms } from '../base/time.ts';
import type { Fault } from '../faults/fault.ts';
import type { FaultSchedule } from '../faults/schedule.ts';
import { weakerThan } from '../search/weaken.ts';

/** None, either half, then without each one. */
export function* fewer<T>(planned: readonly T[]): Generator<readonly T[]> {
  const { length } = planned;
  if (length === 0) return;
  yield [];
  const middle = Math.ceil(length / 2);
  if (length > 2) {
    yield planned.slice(0, middle);
    yield planned.slice(middle);
  }
  if (length > 1) for (const [i] of planned.entries()) yield planned.toSpliced(i, 1);
}

/** Lengths are whole milliseconds where they were long enough to have them. */
const halfOf = (length: number): number =>
  length >= ms(2) ? Math.floor(length / ms(2)) * ms(1) : Math.floor(length / 2);

/** The first half of a fault, and the second. */
function shorter(fault: Fault): Fault[] {
  if (fault.for === undefined) return [];
  const half = halfOf(fault.for);
  const strewn = fault.kind === 'correlated' && fault.stagger * (fault.nodes.length - 1) >= half;
  if (half < 1 || half >= fault.for || strewn) return [];
  return [{ ...fault, for: half }, { ...fault, at: fault.at + fault.for - half, for: half } as Fault];
}

const byBegin = (planned: FaultSchedule): FaultSchedule => planned.toSorted((x, y) => x.at - y.at);

/** As many faults, one of them shorter or weaker. `nodes`: names of all nodes. */
export function* milder(planned: FaultSchedule, nodes: readonly string[]): Generator<FaultSchedule> {
  for (const [i, fault] of planned.entries()) {
    for (const change of [...shorter(fault), ...weakerThan(fault, nodes)]) yield byBegin(planned.with(i, change));
  }
}
