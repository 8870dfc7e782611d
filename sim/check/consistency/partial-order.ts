/**
 * An order on steps that are already in chains: edges between chains are added, and "comes before" is answered by one
 * comparison, from a vector per step (how much of each chain comes before it or is it). Fidge and Mattern's vector clocks,
 * 1988, with chains instead of processes. O((n + edges) × chains) to compute.
 */
import type { SessionStep } from './session-steps.ts';

/** How many starts are tried for a short cycle. */
const STARTS = 300;

/**
 * session, reads-from: given. overwritten: the read `because` has `from` in its past and returned what `to` wrote, so `to` came
 * later. overwrites: `because` (that is `from`) returned a value that `to` replaced. initial: it returned the initial value.
 */
export type OrderReason = 'session' | 'reads-from' | 'overwritten' | 'overwrites' | 'initial';

/** `from` comes before `to`. */
export interface OrderEdge {
  readonly from: number;
  readonly to: number;
  readonly reason: OrderReason;
  /** The read that forces the edge, for an edge that was concluded. */
  readonly because?: number;
  /** In which round it was concluded; 0: given. */
  readonly round: number;
}

export class PartialOrder {
  readonly steps: readonly SessionStep[];
  readonly chains: readonly (readonly number[])[];
  readonly width: number;
  private readonly out: OrderEdge[][];
  private readonly known = new Set<number>();
  /** reach[step × width + chain]: how many steps of the chain come before the step, itself included. */
  private reach: Int32Array;

  constructor(steps: readonly SessionStep[], chains: readonly (readonly number[])[]) {
    this.steps = steps;
    this.chains = chains;
    this.width = chains.length;
    this.out = steps.map(() => []);
    this.reach = new Int32Array(steps.length * this.width);
    for (const chain of chains) {
      for (let i = 1; i < chain.length; i++)
        this.add({ from: chain[i - 1] as number, to: chain[i] as number, reason: 'session', round: 0 });
    }
  }

  /** Whether the edge is new. */
  add(edge: OrderEdge): boolean {
    const name = edge.from * this.steps.length + edge.to;
    if (this.known.has(name)) return false;
    this.known.add(name);
    (this.out[edge.from] as OrderEdge[]).push(edge);
    return true;
  }

  /** The edges that begin at a step. */
  after(step: number): readonly OrderEdge[] {
    return this.out[step] as OrderEdge[];
  }

  /** How many steps of `chain` come before `step` or are it. Valid after `settle`. */
  reached(step: number, chain: number): number {
    return this.reach[step * this.width + chain] as number;
  }

  /** Whether `a` comes before `b`, and is not it. Valid after `settle`. */
  before(a: number, b: number): boolean {
    const { chain, place } = this.steps[a] as SessionStep;
    return a !== b && this.reached(b, chain) > place;
  }

  /** Computes the order. False when it is none: then there is a cycle. */
  settle(): boolean {
    const { width, reach } = this;
    const waiting = new Int32Array(this.steps.length);
    for (const edges of this.out) for (const { to } of edges) waiting[to] = (waiting[to] as number) + 1;
    const ready: number[] = [];
    for (let v = 0; v < waiting.length; v++) if (waiting[v] === 0) ready.push(v);
    reach.fill(0);
    let done = 0;
    for (let v = ready.pop(); v !== undefined; v = ready.pop()) {
      done++;
      const { chain, place } = this.steps[v] as SessionStep;
      reach[v * width + chain] = place + 1;
      for (const { to } of this.out[v] as OrderEdge[]) {
        for (let c = 0, from = v * width, into = to * width; c < width; c++, from++, into++) {
          if ((reach[from] as number) > (reach[into] as number)) reach[into] = reach[from] as number;
        }
        if ((waiting[to] = (waiting[to] as number) - 1) === 0) ready.push(to);
      }
    }
    return done === this.steps.length;
  }

  /** A shortest way from `from` to `to` over edges of rounds before `round`; undefined when there is none. */
  way(from: number, to: number, round = Infinity): OrderEdge[] | undefined {
    const via = new Map<number, OrderEdge>();
    let edge: OrderEdge | undefined;
    const queue = [from];
    for (let at = 0; at < queue.length && edge === undefined; at++) {
      for (const next of this.out[queue[at] as number] as OrderEdge[]) {
        if (next.round >= round || via.has(next.to)) continue;
        via.set(next.to, next);
        if (next.to === to) edge = next;
        else queue.push(next.to);
      }
    }
    const way: OrderEdge[] = [];
    for (; edge !== undefined; edge = edge.from === from ? undefined : via.get(edge.from)) way.unshift(edge);
    return way.length === 0 ? undefined : way;
  }

  /** A short cycle. Only after `settle` was false. */
  cycle(): OrderEdge[] {
    let best: OrderEdge[] | undefined;
    let left = STARTS;
    for (const from of this.cyclic()) {
      if (best !== undefined && left-- <= 0) break;
      const cycle = this.way(from, from);
      if (cycle !== undefined && (best === undefined || cycle.length < best.length)) best = cycle;
    }
    return best ?? [];
  }

  /** Steps among which the cycles are: what is left when sources and sinks are taken away again and again. */
  private cyclic(): number[] {
    const incoming = new Int32Array(this.steps.length);
    const outgoing = new Int32Array(this.steps.length);
    const into: number[][] = this.steps.map(() => []);
    for (const edges of this.out) {
      for (const { from, to } of edges) {
        incoming[to] = (incoming[to] as number) + 1;
        outgoing[from] = (outgoing[from] as number) + 1;
        (into[to] as number[]).push(from);
      }
    }
    const gone = new Uint8Array(this.steps.length);
    const queue: number[] = [];
    const drop = (v: number): void => {
      if (gone[v] === 1 || (incoming[v] !== 0 && outgoing[v] !== 0)) return;
      gone[v] = 1;
      queue.push(v);
    };
    for (let v = 0; v < gone.length; v++) drop(v);
    for (let v = queue.pop(); v !== undefined; v = queue.pop()) {
      for (const { to } of this.out[v] as OrderEdge[]) {
        incoming[to] = (incoming[to] as number) - 1;
        drop(to);
      }
      for (const from of into[v] as number[]) {
        outgoing[from] = (outgoing[from] as number) - 1;
        drop(from);
      }
    }
    return this.steps.map((_, v) => v).filter((v) => gone[v] === 0);
  }
}
