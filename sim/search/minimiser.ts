/** A failing trial on its way to a smaller one: what is tried, what is kept. */
import type { Fault } from '../faults/fault.ts';
import type { FaultSchedule } from '../faults/schedule.ts';
import type { NemesisTopology } from '../faults/nemesis/topology.ts';
import type { Scenario } from '../scenario.ts';
import { topologyOf } from '../topology-of.ts';
import type { Oracle } from './oracle.ts';
import { keyOf, type Trial } from './trial.ts';

/** What a step of the minimiser changed. */
export type Axis = 'faults' | 'seed' | 'operations' | 'nodes' | 'severity' | 'time' | 'noise';

export class Minimiser {
  readonly oracle: Oracle;
  /** The smallest trial so far that violates the property. */
  trial: Trial;
  topology: NemesisTopology;
  /** Steps that were kept, by axis. */
  readonly kept: Partial<Record<Axis, number>> = {};

  constructor(oracle: Oracle, trial: Trial) {
    this.oracle = oracle;
    this.trial = trial;
    this.topology = topologyOf(oracle.scenario, trial.params);
  }

  get scenario(): Scenario {
    return this.oracle.scenario;
  }

  get nodeNames(): string[] {
    return this.topology.nodes.map(({ id }) => id);
  }

  /** Length of the run. */
  get end(): number {
    return this.topology.end;
  }

  /** Keeps `next` when it violates the same property. The trial as it is counts as accepted, and changes nothing. */
  accept(axis: Axis, next: Trial): boolean {
    if (keyOf(next) === keyOf(this.trial)) return true;
    if (this.oracle.ask(next) !== 'same') return false;
    if (next.params !== this.trial.params) this.topology = topologyOf(this.scenario, next.params);
    this.trial = next;
    this.kept[axis] = (this.kept[axis] ?? 0) + 1;
    return true;
  }

  acceptFaults(axis: Axis, faults: FaultSchedule): boolean {
    return this.accept(axis, { ...this.trial, faults });
  }

  /** Tries another fault in the place of the one with its id. */
  acceptInstead(axis: Axis, fault: Fault): boolean {
    return this.acceptFaults(
      axis,
      this.trial.faults.map((old) => (old.id === fault.id ? fault : old)),
    );
  }

  /** The fault as it is now; undefined when it has gone. */
  fault(id: string): Fault | undefined {
    return this.trial.faults.find((fault) => fault.id === id);
  }
}
