/** The writes of each key, chain by chain: the latest before a step and the first after one, by binary search. */
import type { PartialOrder } from './partial-order.ts';
import { INITIAL_WRITER } from './reads-from.ts';
import type { ReadsFrom } from './reads-from.ts';
import { NONE } from './session-steps.ts';
import type { Sessions, SessionStep } from './session-steps.ts';

export class KeyWrites {
  private readonly steps: readonly SessionStep[];
  /** By key: per chain that writes it, its writes in order. */
  private readonly byKey: Map<number, number[]>[];

  constructor({ steps, keys }: Sessions, { happened }: ReadsFrom) {
    this.steps = steps;
    this.byKey = Array.from({ length: keys }, () => new Map<number, number[]>());
    for (const step of steps) {
      if (step.to === NONE || happened[step.index] === 0) continue;
      const chains = this.byKey[step.key] as Map<number, number[]>;
      const list = chains.get(step.chain);
      if (list === undefined) chains.set(step.chain, [step.index]);
      else list.push(step.index);
    }
  }

  /** Of every chain, the last write of the read's key that comes before the read: the earlier ones come before it in turn. */
  latestBefore(read: SessionStep, order: PartialOrder): number[] {
    const found: number[] = [];
    for (const [chain, list] of this.byKey[read.key] as Map<number, number[]>) {
      const reached = chain === read.chain ? read.place : order.reached(read.index, chain);
      const count = this.firstWhere(list, (write) => write.place >= reached);
      if (count > 0) found.push(list[count - 1] as number);
    }
    return found;
  }

  /** Of every chain, the first write of the key that comes after the step `writer`, which may be the initial write. */
  firstAfter(key: number, writer: number, order: PartialOrder): number[] {
    const found: number[] = [];
    for (const list of (this.byKey[key] as Map<number, number[]>).values()) {
      const at = writer === INITIAL_WRITER ? 0 : this.firstWhere(list, (write) => order.before(writer, write.index));
      const write = list[at];
      if (write !== undefined) found.push(write);
    }
    return found;
  }

  /** Index of the first write for which `holds`; it holds for all later ones too. */
  private firstWhere(list: readonly number[], holds: (write: SessionStep) => boolean): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.steps[list[middle] as number] as SessionStep)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
