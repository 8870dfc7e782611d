/** A graph with kinds of edges over numbered nodes, in flat arrays: components, shortest ways. */

/**
 * What an edge says. ww: overwrote; wr: read from; rw: read what the other overwrote; prw: the same, found by a predicate; so:
 * same session, before; rt: completed before the other began; link: goes on from an auxiliary node, at no cost.
 */
export const KINDS = ['ww', 'wr', 'rw', 'prw', 'so', 'rt', 'link'] as const;
export type Kind = (typeof KINDS)[number];

export const maskOf = (kinds: readonly Kind[]): number =>
  kinds.reduce((mask, kind) => mask | (1 << KINDS.indexOf(kind)), 0);

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
  /** What the edge is about: numbers that its maker knows. */
  readonly topic: number;
  readonly detail: number;
}

export class TypedGraph {
  /** Nodes below it stand for something, the others are auxiliary. */
  readonly real: number;
  private nodes: number;
  private readonly sources: number[] = [];
  private readonly targets: number[] = [];
  private readonly kinds: number[] = [];
  private readonly topics: number[] = [];
  private readonly details: number[] = [];
  /** Edges of node v: edgesOf[first[v]] … edgesOf[first[v + 1] − 1]. */
  private first = new Int32Array(0);
  private edgesOf = new Int32Array(0);

  constructor(real: number) {
    this.real = real;
    this.nodes = real;
  }

  get size(): number {
    return this.nodes;
  }

  auxiliary(): number {
    return this.nodes++;
  }

  add(from: number, to: number, kind: Kind, topic = -1, detail = -1): void {
    this.sources.push(from);
    this.targets.push(to);
    this.kinds.push(KINDS.indexOf(kind));
    this.topics.push(topic);
    this.details.push(detail);
  }

  get edgeCount(): number {
    return this.sources.length;
  }

  edge(index: number): GraphEdge {
    const at = <T>(list: readonly T[]): T => list[index] as T;
    return {
      from: at(this.sources),
      to: at(this.targets),
      kind: at(this.kinds),
      topic: at(this.topics),
      detail: at(this.details),
    };
  }

  source(index: number): number {
    return this.sources[index] as number;
  }

  target(index: number): number {
    return this.targets[index] as number;
  }

  kind(index: number): number {
    return this.kinds[index] as number;
  }

  /** To be called once all edges are there. */
  seal(): void {
    this.first = new Int32Array(this.nodes + 1);
    for (const from of this.sources) this.first[from + 1] = (this.first[from + 1] as number) + 1;
    for (let v = 0; v < this.nodes; v++) this.first[v + 1] = (this.first[v + 1] as number) + (this.first[v] as number);
    const next = this.first.slice();
    this.edgesOf = new Int32Array(this.sources.length);
    for (let e = 0; e < this.sources.length; e++) {
      const from = this.sources[e] as number;
      this.edgesOf[next[from] as number] = e;
      next[from] = (next[from] as number) + 1;
    }
  }

  begin(node: number): number {
    return this.first[node] as number;
  }

  end(node: number): number {
    return this.first[node + 1] as number;
  }

  edgeAt(place: number): number {
    return this.edgesOf[place] as number;
  }
}

/**
 * How a search may walk. `layered`: anti-dependencies (rw, prw) never follow one another; the states are then (node, whether the
 * last step was one), numbered node + layer × size.
 */
export interface Walk {
  readonly mask: number;
  readonly layered: boolean;
}

const ANTI = maskOf(['rw', 'prw']);
const LINK = KINDS.indexOf('link');

/** The state that an edge leads to from `state`, or −1 when the walk forbids it. */
export function follow(graph: TypedGraph, { mask, layered }: Walk, state: number, edge: number): number {
  const kind = graph.kind(edge);
  const to = graph.target(edge);
  if (kind === LINK) return !layered || state < graph.size ? to : to + graph.size;
  if ((mask & (1 << kind)) === 0) return -1;
  if (!layered || (ANTI & (1 << kind)) === 0) return to;
  return state < graph.size ? to + graph.size : -1;
}

/** The number of each state's strongly connected component, −1 where the component is the state alone. Tarjan, 1972. */
export function components(graph: TypedGraph, walk: Walk): Int32Array {
  const states = graph.size * (walk.layered ? 2 : 1);
  const index = new Int32Array(states).fill(-1);
  const low = new Int32Array(states);
  const component = new Int32Array(states).fill(-2);
  const place = new Int32Array(states);
  const open: number[] = [];
  const path: number[] = [];
  let counter = 0;
  let found = 0;
  for (let root = 0; root < states; root++) {
    if (index[root] !== -1) continue;
    path.push(root);
    while (path.length > 0) {
      const state = path[path.length - 1] as number;
      const node = state % graph.size;
      if (index[state] === -1) {
        index[state] = low[state] = counter++;
        place[state] = graph.begin(node);
        open.push(state);
      }
      let child = -1;
      while ((place[state] as number) < graph.end(node)) {
        const next = follow(graph, walk, state, graph.edgeAt(place[state] as number));
        if (next >= 0 && index[next] === -1) {
          child = next;
          break;
        }
        if (next >= 0 && component[next] === -2) low[state] = Math.min(low[state] as number, index[next] as number);
        place[state] = (place[state] as number) + 1;
      }
      if (child !== -1) {
        path.push(child);
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[state] as number);
      if (low[state] === index[state]) found = close(state, open, component, found);
    }
  }
  return component;
}

/** Takes a component off the stack of open states. */
function close(root: number, open: number[], component: Int32Array, found: number): number {
  if (open[open.length - 1] === root) {
    open.pop();
    component[root] = -1;
    return found;
  }
  for (;;) {
    const state = open.pop() as number;
    component[state] = found;
    if (state === root) return found + 1;
  }
}

/** Shortest ways, one after another, within a budget of edges looked at. Links cost nothing. */
export class WayFinder {
  private readonly graph: TypedGraph;
  private readonly stamp: Int32Array;
  private readonly via: Int32Array;
  private readonly cameFrom: Int32Array;
  private round = 0;
  /** Edges that may still be looked at. */
  left: number;

  constructor(graph: TypedGraph, budget: number) {
    this.graph = graph;
    this.stamp = new Int32Array(2 * graph.size);
    this.via = new Int32Array(2 * graph.size);
    this.cameFrom = new Int32Array(2 * graph.size);
    this.left = budget;
  }

  /** Edges from state `from` to a state for which `goal` holds, inside one component; undefined when there is no such way. */
  way(from: number, goal: (state: number) => boolean, walk: Walk, component: Int32Array): number[] | undefined {
    this.round++;
    if (goal(from)) return [];
    const inside = component[from] as number;
    let now = [from];
    this.stamp[from] = this.round;
    while (now.length > 0) {
      const next: number[] = [];
      // Links lead to states of the same distance: they join the round that is being walked.
      for (let at = 0; at < now.length; at++) {
        const state = now[at] as number;
        const node = state % this.graph.size;
        for (let place = this.graph.begin(node); place < this.graph.end(node); place++) {
          this.left--;
          const edge = this.graph.edgeAt(place);
          const to = follow(this.graph, walk, state, edge);
          if (to < 0 || this.stamp[to] === this.round || component[to] !== inside) continue;
          this.stamp[to] = this.round;
          this.via[to] = edge;
          this.cameFrom[to] = state;
          if (goal(to)) return this.trace(from, to);
          if (this.graph.kind(edge) === LINK) now.push(to);
          else next.push(to);
        }
      }
      now = next;
    }
    return undefined;
  }

  private trace(from: number, to: number): number[] {
    const edges: number[] = [];
    for (let state = to; state !== from; state = this.cameFrom[state] as number) edges.push(this.via[state] as number);
    return edges.toReversed();
  }
}
