/**
 * The cycles that refute isolation levels, and what each is called (Adya, 1999; Kingsbury and Alvaro, 2020).
 *
 *   G0: ww edges only. G1c: ww and wr. G-single: one anti-dependency (rw). G-nonadjacent: several, no two in a row. G2-item: two
 *   in a row. G2: two in a row, and one of them found by a predicate. With `-session` a cycle also uses session order, with
 *   `-realtime` real-time order.
 *
 * Which kinds of cycles there are is decided exactly, by strongly connected components, in O(n + edges): for "no two
 * anti-dependencies in a row" over states (transaction, whether the last edge was one). Of each kind one short cycle is then
 * looked for, within a budget of edges; a cycle is found even when the budget is too small to find a shortest.
 */
import { components, follow, KINDS, maskOf, WayFinder } from './typed-graph.ts';
import type { Kind, TypedGraph, Walk } from './typed-graph.ts';

export type CycleName = 'G0' | 'G1c' | 'G-single' | 'G-nonadjacent' | 'G2-item' | 'G2';
export type CycleOrder = '' | '-session' | '-realtime';

/** An edge between transactions; the auxiliary nodes are gone. */
export interface CycleEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: Kind;
  readonly topic: number;
  readonly detail: number;
}

export interface Cycle {
  readonly name: CycleName;
  readonly order: CycleOrder;
  /** Some anti-dependency was found by a predicate. */
  readonly hasPredicate: boolean;
  readonly edges: readonly CycleEdge[];
}

/** Edges looked at for each kind of cycle. */
const BUDGET = 2_000_000;

interface Pattern {
  readonly kinds: readonly Kind[];
  readonly layered: boolean;
  /** A cycle of the pattern is looked for through edges of these kinds. */
  readonly through: readonly Kind[];
}

const DEPENDENCIES: readonly Kind[] = ['ww', 'wr'];
const PATTERNS: readonly Pattern[] = [
  { kinds: ['ww'], layered: false, through: ['ww'] },
  { kinds: DEPENDENCIES, layered: false, through: ['wr'] },
  { kinds: [...DEPENDENCIES, 'rw', 'prw'], layered: true, through: ['rw', 'prw'] },
  { kinds: [...DEPENDENCIES, 'rw'], layered: false, through: ['rw'] },
  { kinds: [...DEPENDENCIES, 'rw', 'prw'], layered: false, through: ['rw', 'prw'] },
];

/** One short cycle of every kind that there is. An order is only tried for what it is needed for. */
export function cyclesOf(graph: TypedGraph): Cycle[] {
  const everything = { mask: maskOf(KINDS), layered: false };
  if (!components(graph, everything).some((component) => component >= 0)) return [];
  const found = new Map<string, Cycle>();
  const settled = new Set<Pattern>();
  for (const [order, extra] of ORDERS) {
    for (const pattern of PATTERNS) {
      if (settled.has(pattern)) continue;
      const cycles = cyclesLike(graph, pattern, extra);
      if (cycles.length > 0) settled.add(pattern);
      for (const edges of cycles) {
        const cycle = classified(edges);
        if (order !== '' && cycle.order === '') continue;
        const name = `${cycle.name}${cycle.order}${cycle.hasPredicate ? ' by predicate' : ''}`;
        const other = found.get(name);
        if (other === undefined || cycle.edges.length < other.edges.length) found.set(name, cycle);
      }
    }
  }
  return [...found.values()];
}

const ORDERS: readonly (readonly [CycleOrder, readonly Kind[]])[] = [
  ['', []],
  ['-session', ['so']],
  ['-realtime', ['so', 'rt']],
];

/** Short cycles of a pattern: at most one with a single anti-dependency, and one more. */
function cyclesLike(graph: TypedGraph, pattern: Pattern, extra: readonly Kind[]): CycleEdge[][] {
  const walk: Walk = { mask: maskOf([...pattern.kinds, ...extra]), layered: pattern.layered };
  const component = components(graph, walk);
  const through = maskOf([...pattern.through, ...extra]);
  const candidates = candidateEdges(graph, walk, component, through);
  if (candidates.length === 0) return [];
  const finder = new WayFinder(graph, BUDGET);
  const shortest = shortestThrough(graph, finder, walk, component, candidates);
  const cycles = shortest === undefined ? [] : [shortest];
  if (!pattern.layered) return cycles;
  // A single anti-dependency tells more than several: try for one.
  const plain: Walk = { mask: maskOf([...DEPENDENCIES, ...extra]), layered: false };
  const whole = { mask: walk.mask, layered: false };
  const single = shortestThrough(
    graph,
    new WayFinder(graph, BUDGET),
    plain,
    components(graph, whole),
    candidates.filter(({ state }) => state < graph.size),
  );
  return single === undefined ? cycles : [...cycles, single];
}

/** An edge taken from a state, both ends inside one component. */
interface Candidate {
  readonly edge: number;
  readonly state: number;
  readonly to: number;
}

function candidateEdges(graph: TypedGraph, walk: Walk, component: Int32Array, through: number): Candidate[] {
  const candidates: Candidate[] = [];
  const sizes = new Map<number, number>();
  for (let state = 0; state < component.length; state++) {
    const inside = component[state] as number;
    if (inside < 0) continue;
    sizes.set(inside, (sizes.get(inside) ?? 0) + 1);
    const node = state % graph.size;
    for (let place = graph.begin(node); place < graph.end(node); place++) {
      const edge = graph.edgeAt(place);
      if ((through & (1 << graph.kind(edge))) === 0) continue;
      const to = follow(graph, walk, state, edge);
      if (to >= 0 && component[to] === inside) candidates.push({ edge, state, to });
    }
  }
  const sizeOf = ({ state }: Candidate): number => sizes.get(component[state] as number) as number;
  return candidates.sort((a, b) => sizeOf(a) - sizeOf(b) || a.edge - b.edge);
}

/** The shortest cycle through one of the candidates, as far as the budget goes. */
function shortestThrough(
  graph: TypedGraph,
  finder: WayFinder,
  walk: Walk,
  component: Int32Array,
  candidates: readonly Candidate[],
): CycleEdge[] | undefined {
  let best: CycleEdge[] | undefined;
  for (const { edge, state, to } of candidates) {
    // Where the walk is the component's own, the first candidate succeeds; where it is narrower, a budget's worth is tried.
    if (finder.left <= 0) break;
    const back = walk.layered ? state : state % graph.size;
    const way = finder.way(walk.layered ? to : to % graph.size, (other) => other === back, walk, component);
    if (way === undefined) continue;
    const cycle = collapsed(graph, [edge, ...way]);
    if (best === undefined || cycle.length < best.length) best = cycle;
    if (best.length === 2) break;
  }
  return best;
}

/** The edges between transactions: what leads through auxiliary nodes becomes one. */
function collapsed(graph: TypedGraph, edges: readonly number[]): CycleEdge[] {
  // Begin at a transaction.
  const start = edges.findIndex((edge) => graph.source(edge) < graph.real);
  const turned = [...edges.slice(start), ...edges.slice(0, start)];
  const cycle: CycleEdge[] = [];
  for (let i = 0; i < turned.length;) {
    const { from, kind, topic, detail } = graph.edge(turned[i] as number);
    let to = graph.target(turned[i++] as number);
    while (to >= graph.real) to = graph.target(turned[i++] as number);
    cycle.push({ from, to, kind: KINDS[kind] as Kind, topic, detail });
  }
  return cycle;
}

const isAnti = ({ kind }: CycleEdge): boolean => kind === 'rw' || kind === 'prw';

function classified(edges: readonly CycleEdge[]): Cycle {
  const anti = edges.filter(isAnti).length;
  const adjacent = edges.some(
    (edge, i) => anti > 1 && isAnti(edge) && isAnti(edges[(i + 1) % edges.length] as CycleEdge),
  );
  const hasPredicate = edges.some(({ kind }) => kind === 'prw');
  const order = edges.some(({ kind }) => kind === 'rt')
    ? '-realtime'
    : edges.some(({ kind }) => kind === 'so')
      ? '-session'
      : '';
  return { name: nameOf(anti, adjacent, hasPredicate, edges), order, hasPredicate, edges };
}

function nameOf(anti: number, adjacent: boolean, hasPredicate: boolean, edges: readonly CycleEdge[]): CycleName {
  if (adjacent) return hasPredicate ? 'G2' : 'G2-item';
  if (anti > 1) return 'G-nonadjacent';
  if (anti === 1) return 'G-single';
  return edges.some(({ kind }) => kind === 'wr') ? 'G1c' : 'G0';
}
