/** The world as a nemesis sees it: who may be hit by what, when, and who is down already. */
import type { Micros } from '../../base/time.ts';
import type { RandomStream } from '../../random/stream.ts';
import type { FaultFamily } from './family.ts';
import type { ResolvedLimits } from './limits.ts';
import type { NemesisNode, NemesisTopology } from './topology.ts';

/** When a fault is in force. */
export interface Window {
  readonly at: Micros;
  readonly for: Micros;
}

interface Down extends Window {
  readonly node: NemesisNode;
}

export class Arena {
  readonly nodes: readonly NemesisNode[];
  readonly unrestricted: boolean;
  private readonly limits: ResolvedLimits;
  private readonly down: Down[] = [];
  /** Instants and lengths are whole multiples of it, so that schedules read well: 1 ms, or 1 µs in a very short run. */
  private readonly grain: Micros;

  constructor(topology: NemesisTopology, limits: ResolvedLimits, unrestricted: boolean) {
    this.nodes = topology.nodes;
    this.limits = limits;
    this.unrestricted = unrestricted;
    this.grain = limits.minDuration >= 10_000 ? 1_000 : 1;
  }

  /** Nodes that faults of a family may aim at. */
  targets(family: FaultFamily): readonly NemesisNode[] {
    const { spare, roles } = this.limits;
    return this.nodes.filter(({ id, role }) => !spare.has(id) && (roles[role]?.includes(family) ?? true));
  }

  /** Whether a family may aim at every node there is. */
  all(family: FaultFamily): boolean {
    return this.targets(family).length === this.nodes.length;
  }

  /** How many nodes have the role. */
  sizeOf(role: string): number {
    return this.nodes.filter((node) => node.role === role).length;
  }

  /** How many nodes of the role may be down at once. */
  mayBeDown(role: string): number {
    if (this.unrestricted) return Infinity;
    const { maxConcurrentDown } = this.limits;
    return maxConcurrentDown === 'minority' ? Math.max(1, Math.ceil(this.sizeOf(role) / 2) - 1) : maxConcurrentDown;
  }

  /** A time for a fault: the heavier, the longer it may last. `least` is a length below which it makes no sense. */
  window(random: RandomStream, severity: number, least: Micros = 1): Window | undefined {
    const { begin, heal, minDuration, maxDuration } = this.limits;
    const shortest = Math.max(minDuration, least);
    if (shortest > maxDuration) return undefined;
    const longest = shortest + Math.floor((maxDuration - shortest) * severity);
    const length = this.whole(random.between(shortest, longest), shortest);
    return { at: this.whole(random.between(begin, heal - length), begin), for: length };
  }

  /** A part of a window, from `from` to `to` of it (0…1). */
  within(window: Window, from: number, to: number): Window {
    const at = window.at + this.whole(Math.floor(window.for * from), 0);
    const until = window.at + (to === 1 ? window.for : this.whole(Math.floor(window.for * to), 0));
    return { at, for: Math.max(1, until - at) };
  }

  /** Rounds down to the grain, unless that would pass below `least`. */
  whole(time: Micros, least: Micros): Micros {
    return Math.max(least, time - (time % this.grain));
  }

  /** Takes nodes down for a while, if so many of their roles may be down at once. */
  claim(nodes: readonly NemesisNode[], window: Window): boolean {
    if (!this.unrestricted) {
      const next = [...this.down, ...nodes.map((node) => ({ node, ...window }))];
      for (const role of new Set(nodes.map((node) => node.role))) {
        if (mostAtOnce(next.filter(({ node }) => node.role === role)) > this.mayBeDown(role)) return false;
      }
    }
    for (const node of nodes) this.down.push({ node, ...window });
    return true;
  }
}

/** The largest number of nodes that are down at one instant; both ends of a window belong to it. */
function mostAtOnce(down: readonly Down[]): number {
  let most = 0;
  for (const { at } of down) {
    const there = down.filter((other) => other.at <= at && at <= other.at + other.for);
    most = Math.max(most, new Set(there.map(({ node }) => node.id)).size);
  }
  return most;
}
