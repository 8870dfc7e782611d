/**
 * Scenarios by name or by path.
 *
 * A user's own file, TypeScript or JavaScript, is bundled and imported from a temporary place; `orrery` itself stays outside
 * the bundle and is this very instance, so that it works from any folder without an installation beside it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, nearest, type Scenario } from '../sim/index.ts';
import { Exit, ExitCode } from './exit-codes.ts';

export interface LoadedScenario {
  readonly scenario: Scenario;
  /** Absolute path of the user's file; absent for a bundled scenario. */
  readonly file?: string;
  /** That file as it was named. */
  readonly given?: string;
  /** The file holds others too: a command names this one `file#name`. */
  readonly isOneOfMany?: boolean;
  /** Digest of the bundled code, the same in any folder. */
  readonly code?: string;
  /** The bundled code itself, for other threads: they must not see what the file has become since. */
  readonly bundle?: string;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const looksLikePath = (word: string): boolean =>
  EXTENSIONS.includes(extname(word.replace(/#[^#]*$/, ''))) || /[\\/]/.test(word);

/** Loaded when a name asks for them: they and all models take longer to load than a run of a user's own file. */
const bundledScenarios = async (): Promise<readonly Scenario[]> => (await import('../scenarios/index.ts')).scenarios;

/** The scenarios that the words name: bundled names, `*` patterns, paths, `path#name` for one of a file's. No words: every bundled one. */
export async function resolveScenarios(words: readonly string[]): Promise<LoadedScenario[]> {
  if (words.length === 0) return (await bundledScenarios()).map((scenario) => ({ scenario }));
  const found: LoadedScenario[] = [];
  for (const word of words) {
    for (const loaded of looksLikePath(word) ? await byPath(word) : byName(word, await bundledScenarios())) {
      if (!found.some(({ scenario }) => scenario === loaded.scenario)) found.push(loaded);
    }
  }
  return found;
}

async function byPath(word: string): Promise<LoadedScenario[]> {
  const [, path = word, name] = existsSync(word) ? [] : (/^(.*)#([^#]*)$/.exec(word) ?? []);
  const loaded = await loadFile(path);
  if (name === undefined) return loaded;
  const one = loaded.filter(({ scenario }) => scenario.name === name);
  if (one.length > 0) return one;
  throw new ConfigError('scenario', word, `after # one of ${loaded.map(({ scenario }) => scenario.name).join(', ')}`);
}

function byName(word: string, bundled: readonly Scenario[]): LoadedScenario[] {
  if (word.includes('*')) {
    const pattern = new RegExp(`^${word.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
    const matching = bundled.filter(({ name }) => pattern.test(name));
    if (matching.length === 0)
      throw new Exit(ExitCode.nothingMatched, `no scenario matches ${word}; orrery list shows them`);
    return matching.map((scenario) => ({ scenario }));
  }
  const scenario = bundled.find(({ name }) => name === word);
  if (scenario !== undefined) return [{ scenario }];
  const meant = nearest(
    word,
    bundled.map(({ name }) => name),
  );
  const hint = meant === undefined ? 'orrery list shows them; a file is named by its path' : `did you mean ${meant}?`;
  throw new Exit(ExitCode.usage, `there is no scenario ${JSON.stringify(word)}: ${hint}`);
}

/** Loads a user's scenario file. Its default export is a scenario or a list of them. */
export async function loadFile(path: string): Promise<LoadedScenario[]> {
  const file = resolve(path);
  if (!existsSync(file)) throw new ConfigError('scenario file', path, 'an existing file');
  return loadBundle(await bundleOf(file), path);
}

/** Loads what `loadFile` has bundled. */
export async function loadBundle(bundle: string, path: string): Promise<LoadedScenario[]> {
  const file = resolve(path);
  const code = createHash('sha256').update(placeless(bundle)).digest('hex').slice(0, 16);
  const exported = await importCode(bundle, path);
  const list = Array.isArray(exported) ? (exported as unknown[]) : [exported];
  if (list.length === 0) throw new ConfigError(`${path}: default export`, exported, 'at least one scenario');
  const isOneOfMany = list.length > 1;
  const origin = { file, given: path, code, bundle, ...(isOneOfMany ? { isOneOfMany } : {}) };
  return list.map((scenario) => ({ scenario: checkScenario(scenario, path), ...origin }));
}

/** Without the map, and without the place where this instance of Orrery lies. */
function placeless(bundle: string): string {
  let text = bundle.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '');
  for (const [name, url] of DOORS) text = text.replaceAll(JSON.stringify(url), JSON.stringify(name));
  return text;
}

const DOORS: ReadonlyMap<string, string> = new Map([
  ['orrery', new URL('../sim/index.js', import.meta.url).href],
  ['orrery/models', new URL('../models/index.js', import.meta.url).href],
  ['orrery/scenarios', new URL('../scenarios/index.js', import.meta.url).href],
]);

function checkScenario(value: unknown, path: string): Scenario {
  const scenario = value as Partial<Scenario> | null | undefined;
  if (
    typeof scenario !== 'object' ||
    scenario === null ||
    typeof scenario.build !== 'function' ||
    typeof scenario.checks !== 'function'
  ) {
    throw new ConfigError(`${path}: default export`, value, 'a scenario made with defineScenario, or a list of them');
  }
  return scenario as Scenario;
}

async function bundleOf(file: string): Promise<string> {
  const esbuild = await import('esbuild');
  try {
    const built = await esbuild.build({
      // Names of files in the bundle are relative to it.
      absWorkingDir: dirname(file),
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'node20',
      logLevel: 'silent',
      // So that an error in the user's code names the user's own line.
      sourcemap: 'inline',
      sourcesContent: false,
      outfile: join(dirname(file), 'scenario.mjs'),
      sourceRoot: pathToFileURL(`${dirname(file)}/`).href,
      plugins: [
        {
          name: 'orrery-doors',
          setup(build) {
            build.onResolve({ filter: /^orrery(\/|$)/ }, ({ path }) => {
              const url = DOORS.get(path);
              if (url === undefined)
                return { errors: [{ text: `there is no ${path}: import from ${[...DOORS.keys()].join(', ')}` }] };
              return { path: url, external: true };
            });
          },
        },
      ],
    });
    return built.outputFiles[0]?.text ?? '';
  } catch (error) {
    const [first] =
      (error as { errors?: { text: string; location?: { line: number; column: number } | null }[] }).errors ?? [];
    const at = first?.location ? `:${first.location.line}:${first.location.column + 1}` : '';
    throw new Exit(ExitCode.usage, `${file}${at}: ${first?.text ?? (error as Error).message}`);
  }
}

async function importCode(code: string, path: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-'));
  try {
    const module = join(folder, 'scenario.mjs');
    writeFileSync(module, code);
    process.setSourceMapsEnabled(true);
    const loaded = (await import(pathToFileURL(module).href)) as { default?: unknown };
    return loaded.default;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new Exit(ExitCode.usage, `${path}: ${(error as Error).message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
