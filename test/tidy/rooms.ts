/** The rooms of the tree and who may import whom. These tables are the place to extend when the tree grows. */

/** Rooms that are part of the product; `test` is not. */
export const ROOMS = ['sim', 'models', 'scenarios', 'reports', 'cli', 'bench'] as const;

/** Layers inside sim/, from the bottom up: a file imports from its own room and from lower layers. Rooms of one layer are strangers. */
export const SIM_LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['random'],
  ['trace', 'metrics', 'history'],
  ['kernel'],
  ['world'],
  ['faults'],
  ['check'],
  ['params.ts', 'result.ts', 'version.ts'],
  ['scenario.ts'],
  ['run.ts'],
  ['repro.ts', 'topology-of.ts'],
  ['search', 'experiment'],
  ['testing'],
  ['index.ts'],
];

/** The public doors: what they export is the package's interface. */
export const DOORS: readonly string[] = [
  'sim/index.ts',
  'sim/testing/index.ts',
  'models/index.ts',
  'scenarios/index.ts',
  'reports/index.ts',
];

/** Path prefixes that each room may import besides itself. Order inside sim/ is SIM_LAYERS. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  sim: [],
  models: ['sim/index.ts'],
  scenarios: ['sim/index.ts', 'models/'],
  reports: ['sim/base/', 'sim/metrics/'],
  'reports/page': ['reports/', 'sim/base/', 'sim/metrics/', 'sim/index.ts'],
  cli: ['sim/', 'models/', 'scenarios/', 'reports/', 'package.json'],
  bench: ['sim/', 'models/', 'scenarios/', 'reports/', 'cli/search/'],
};

/** Path prefixes that a room may import with `import type` besides MAY_IMPORT. */
export const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  reports: ['sim/'],
  'reports/page': ['sim/'],
};

/** Where each outside package may be imported. A new package needs a reason in ARCHITECTURE.md and a line here. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  seedrandom: ['sim/random/'],
  immer: ['sim/world/', 'sim/scenario.ts', 'sim/run.ts'],
  '@stdlib': ['sim/base/'],
  yaml: ['models/limiter/'],
  valibot: ['sim/', 'models/', 'scenarios/', 'reports/', 'cli/'],
  '@noble': ['reports/'],
  chalk: ['cli/'],
  tinypool: ['cli/search/', 'bench/survival.ts'],
  yargs: ['cli/'],
  esbuild: ['cli/', 'bench/bundled.ts'],
  terser: ['cli/'],
  expect: ['sim/testing/'],
  'fast-check': ['sim/testing/'],
};

/** Rooms whose files may import Node's own modules. */
export const NODE_ROOMS: readonly string[] = ['cli', 'bench'];

/** Files that something other than an import starts. */
export const ENTRIES: readonly string[] = [
  'cli/orrery.ts',
  'cli/search/search-worker.ts',
  'bench/main.ts',
  'bench/mutants.ts',
  'bench/mutants/hunt.ts',
  'bench/survival.ts',
  'bench/survival/endure.ts',
];

/** `sim/world/node.ts` → `sim`; browser code is a room of its own: `reports/page`. */
export function roomOf(path: string): string {
  if (path.startsWith('reports/page/')) return 'reports/page';
  return path.split('/')[0] ?? '';
}

export const isProduct = (path: string): boolean => (ROOMS as readonly string[]).includes(path.split('/')[0] ?? '');

/** Whether `path` is `prefix` or lies below it. */
export const liesIn = (path: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => (prefix.endsWith('/') ? path.startsWith(prefix) : path === prefix));
