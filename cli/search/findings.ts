/**
 * The failures of a search, taken in the order of their schedules whatever the order in which workers answer.
 *
 * A failure whose drawn faults include all causes of a finding of the same property is that finding once more: minimising it
 * would lead to the same place. Any other is looked into, each property of a run by itself; those next in line already while the
 * first is under way, and what turns out not to be needed is thrown away. So the findings are the same for any number of workers.
 */
import { parseSchedule, type Finding, type NemesisTopology, type SearchOutcome } from '../../sim/index.ts';
import { causesOf } from '../../sim/search/signature.ts';
import { groupFindings } from '../../sim/search/summary.ts';
import type { Investigation } from './search-task.ts';

export interface FindingsOptions {
  readonly nodes: NemesisTopology['nodes'];
  /** False: failures are told apart by their property alone. */
  readonly minimised: boolean;
}

interface Failure {
  readonly outcome: SearchOutcome;
  /** Kinds and roles of its faults. */
  readonly causes: readonly string[];
  /** Violated properties that are not yet attributed. */
  readonly open: string[];
  /** By property. */
  readonly answers: Map<string, Investigation>;
}

/** A failure that has to be looked into, or may have to. */
export interface Wanted {
  readonly index: number;
  readonly property: string;
}

export class Findings {
  /** Distinct failures so far. */
  found: readonly Finding[] = [];
  /** Failing schedules that did not fail again. */
  readonly notReproduced: number[] = [];
  /** Failures that nobody looked into, because the search ended first. */
  unexamined = 0;
  /** Runs that the investigations took. */
  runs = 0;
  private readonly options: FindingsOptions;
  private readonly queue: Failure[] = [];
  private hurried = false;

  constructor(options: FindingsOptions) {
    this.options = options;
  }

  /** Takes what a schedule did. In order of the schedules. */
  add(outcome: SearchOutcome): void {
    if (outcome.violated.length === 0) return;
    const causes = causesOf(parseSchedule(outcome.schedule), this.options.nodes);
    this.queue.push({ outcome, causes, open: [...outcome.violated], answers: new Map() });
    this.settle();
  }

  answer({ index, property }: Wanted, investigation: Investigation): void {
    const failure = this.queue.find(({ outcome }) => outcome.index === index);
    if (investigation.begun) failure?.answers.set(property, investigation);
    this.settle();
  }

  /** From now on one example for each property is enough. */
  hurry(): void {
    this.hurried = true;
    this.settle();
  }

  /**
   * What to look into next, `most` at most. The first is needed for certain; the others are guesses. With `idle` workers, who
   * have nothing better to do, also those that violate a property which is already being looked into: most of them are the same.
   */
  wanted(most: number, idle: boolean): readonly Wanted[] {
    const wanted: Wanted[] = [];
    for (const { outcome, open, causes, answers } of this.queue) {
      for (const property of open) {
        if (answers.has(property) || this.isKnown(property, causes)) continue;
        if (idle || wanted.every((one) => one.property !== property)) wanted.push({ index: outcome.index, property });
        if (wanted.length >= (this.hurried ? 1 : most)) return wanted;
      }
    }
    return wanted;
  }

  /** Attributes failures, first come first served, as far as the answers go. */
  private settle(): void {
    for (let failure = this.queue[0]; failure !== undefined; failure = this.queue[0]) {
      while (failure.open.length > 0 && this.attribute(failure)) failure.open.shift();
      if (failure.open.length > 0) return;
      this.queue.shift();
    }
  }

  /** False: it has to wait for an answer. */
  private attribute({ outcome, causes, open, answers }: Failure): boolean {
    const property = open[0] as string;
    const known = this.found.find((one) => this.explains(one, property, causes));
    if (known !== undefined) {
      this.found = this.found.map((one) => (one === known ? { ...one, count: one.count + 1 } : one));
      return true;
    }
    if (this.isKnown(property, causes)) {
      this.unexamined++;
      return true;
    }
    const answer = answers.get(property);
    if (answer === undefined) return false;
    const { finding, runs } = answer;
    this.runs += runs;
    if (finding === undefined) this.lose(outcome.index);
    else this.found = groupFindings([...this.found, this.named(finding)]);
    return true;
  }

  private lose(index: number): void {
    if (!this.notReproduced.includes(index)) this.notReproduced.push(index);
  }

  private explains(finding: Finding, property: string, causes: readonly string[]): boolean {
    if (finding.property !== property) return false;
    return !this.options.minimised || finding.causes.every((cause) => causes.includes(cause));
  }

  private isKnown(property: string, causes: readonly string[]): boolean {
    return this.found.some(
      (one) => this.explains(one, property, causes) || (this.hurried && one.property === property),
    );
  }

  /** Without minimising the faults left say nothing about which failure it is. */
  private named(finding: Finding): Finding {
    return this.options.minimised ? finding : { ...finding, signature: finding.property };
  }
}
