/**
 * The simulator and one scenario as a script that a page carries. Those of the bundled scenarios are made by the build; a user's
 * own scenario is bundled here, from the very code that was loaded and not from what its file has become since.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';
import type { LoadedScenario } from './load-scenario.ts';

const inPackage = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Own scenarios by their code: a file may hold many. */
const made = new Map<string, string | undefined>();

/** Undefined when there is none: then pages say that they cannot run again. */
export function pageEngine({ scenario, bundle }: LoadedScenario): string | undefined {
  if (bundle === undefined) {
    const path = inPackage(`reports/engine/${scenario.name}.js`);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }
  if (!made.has(bundle)) made.set(bundle, bundled(bundle));
  return made.get(bundle);
}

/** The doors that a user's bundle leaves outside, by the address under which it was loaded. */
const DOORS = ['sim/index.js', 'models/index.js', 'scenarios/index.js'];

function bundled(bundle: string): string | undefined {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  const folder = mkdtempSync(join(tmpdir(), 'orrery-page-'));
  let code = bundle;
  for (const door of DOORS) {
    const address = JSON.stringify(new URL(`../${door}`, import.meta.url).href);
    code = code.replaceAll(address, JSON.stringify(inPackage(door)));
  }
  const entry = `import { serve } from ${JSON.stringify(inPackage('reports/page/engine/serve.js'))};
import scenario from './scenario.mjs';
serve([scenario], self);
`;
  try {
    writeFileSync(join(folder, 'scenario.mjs'), code);
    writeFileSync(join(folder, 'entry.mjs'), entry);
    const built = buildSync({
      entryPoints: [join(folder, 'entry.mjs')],
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2022',
      legalComments: 'none',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'silent',
    });
    return built.outputFiles[0]?.text;
  } catch {
    // The scenario reaches for something that only Node has.
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
