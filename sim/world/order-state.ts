/**
 * The fingerprint of a directed run's present.
 *
 * A node is a function of what it has handled: which events, in which order, at which instants. What it has sent, armed, written,
 * drawn, and where its flows stand follow from that. So two orders that agree on this for every node have come to the same place
 * (they are one Mazurkiewicz trace), although their steps interleaved otherwise. What happens to the world as a whole (faults)
 * counts as handled by every node. For checks that read the history it also matters which of the clients' operations
 * completed before which others began.
 *
 * Not covered: actors that share something behind the engine's back, and a check that remembers in which *joint* states it has
 * seen several nodes.
 */
import type { Micros } from '../base/time.ts';
import type { History } from '../history/history.ts';
import { Digest } from '../trace/digest.ts';

const WORLD = -1;

export class OrderState {
  private readonly nodes: readonly Digest[];
  private readonly history: History;
  private lost: string[] = [];
  private operations = 0;

  constructor(nodes: number, history: History) {
    this.nodes = Array.from({ length: nodes }, () => new Digest());
    this.history = history;
  }

  /** `node` (−1: the world) has handled the event `name` at `at`. */
  handled(node: number, name: string, at: Micros): void {
    // Ids of operations are given in the order in which clients anywhere begin them.
    const { length } = this.history.operations;
    const begun = length === this.operations ? 0 : length;
    this.operations = length;
    for (const digest of node === WORLD ? this.nodes : [this.nodes[node] as Digest]) {
      digest.foldText(name);
      digest.fold(at);
      digest.fold(begun);
    }
  }

  /** A message will not arrive. */
  dropped(name: string): void {
    this.lost = [...this.lost, name].sort();
  }

  /** 16 hexadecimal digits. */
  fingerprint(now: Micros): string {
    const { operations } = this.history;
    const all = new Digest();
    all.fold(now);
    for (const digest of this.nodes) all.foldText(digest.hex());
    for (const name of this.lost) all.foldText(name);
    for (const { id, completed } of operations) {
      if (completed === Number.MAX_SAFE_INTEGER) continue;
      let begun = operations.length;
      while (begun > 0 && (operations[begun - 1]?.invoked ?? 0) > completed) begun--;
      all.fold(id);
      all.fold(begun);
    }
    return all.hex();
  }
}
