/**
 * Bundles what report pages carry into a folder: page.js, page.css and the loaders load.js and load-seed.js from reports/page/, and under
 * engine/ for each bundled scenario the simulator with that scenario as one script, named after the scenario's file.
 * Usage: node scripts/build-page.mjs [folder [scenario...]]. Default dist/reports with every scenario; a folder alone gets none,
 * and every one for `all`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder, ...chosen] = process.argv.length > 2 ? process.argv.slice(2) : ['dist/reports', 'all'];

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  // Neutral: whatever reaches for a Node API fails to build.
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['orrery-source'],
  format: 'iife',
  target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
  legalComments: 'none',
  logLevel: 'warning',
};

await build({
  ...shared,
  entryPoints: [
    { in: 'reports/page/main.ts', out: 'page' },
    { in: 'reports/page/page.css', out: 'page' },
    { in: 'reports/page/load.ts', out: 'load' },
    { in: 'reports/page/load-seed.ts', out: 'load-seed' },
  ],
  outdir: folder,
});

const scenarios = readdirSync(join(root, 'scenarios'))
  .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
  .map((name) => name.slice(0, -'.ts'.length))
  .filter((name) => chosen.includes('all') || chosen.includes(name));

/** No module here is imported for what it does on loading, so one of which nothing is used can go. */
const unusedGo = {
  name: 'unused-go',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^:]*$/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked' || from.kind === 'entry-point') return undefined;
      const found = await bundle.resolve(path, { ...from, pluginData: 'asked' });
      return found.errors.length > 0 ? found : { ...found, sideEffects: false };
    });
  },
};

/** What stdlib makes for engines without them, a twentieth of an engine's script; every browser that a page is for has these. */
const NATIVE = {
  '@stdlib/array-float64': 'Float64Array',
  '@stdlib/array-uint8': 'Uint8Array',
  '@stdlib/array-uint16': 'Uint16Array',
  '@stdlib/array-uint32': 'Uint32Array',
  '@stdlib/assert-is-little-endian': 'new Uint8Array(Uint16Array.of(1).buffer)[0] === 1',
  '@stdlib/utils-define-nonenumerable-read-only-property':
    '(object, name, value) => Object.defineProperty(object, name, { value })',
};

const native = {
  name: 'native',
  setup(bundle) {
    bundle.onResolve({ filter: /^@stdlib\// }, ({ path }) =>
      path in NATIVE ? { path, namespace: 'native' } : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: 'native' }, ({ path }) => ({
      contents: `module.exports = ${NATIVE[path]};`,
    }));
  },
};

const entryOf = (name) => `
  import { serve } from './reports/page/engine/serve.ts';
  import * as scenario from './scenarios/${name}.ts';
  serve(Object.values(scenario), self);
`;

if (scenarios.length > 0) {
  await build({
    ...shared,
    entryPoints: scenarios.map((name) => ({ in: `engine:${name}`, out: name })),
    outdir: join(folder, 'engine'),
    // immer asks which build it is; nothing else reads anything of Node.
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      native,
      unusedGo,
      {
        name: 'engine-entries',
        setup(bundle) {
          bundle.onResolve({ filter: /^engine:/ }, ({ path }) => ({ path: path.slice(7), namespace: 'engine' }));
          bundle.onLoad({ filter: /.*/, namespace: 'engine' }, ({ path }) => ({
            contents: entryOf(path),
            resolveDir: root,
            loader: 'ts',
          }));
        },
      },
    ],
  });
}
