/** `orrery merge`: makes one search out of its shards. */
import { join } from 'node:path';
import type { ExitCode } from '../exit-codes.ts';
import { readJson } from '../files.ts';
import { loadFile, resolveScenarios, type LoadedScenario } from '../load-scenario.ts';
import { safe } from '../safe-name.ts';
import { publish } from '../search/publish.ts';
import { printSearch, searchExitCode } from '../search/report-search.ts';
import { mergeSearchFiles, parseSearchFile, type SearchFile } from '../search/search-file.ts';
import type { Terminal } from '../terminal.ts';

export interface MergeArguments {
  readonly files: readonly string[];
  readonly out?: string | undefined;
  readonly json: boolean;
}

export async function mergeSearches(args: MergeArguments, terminal: Terminal): Promise<ExitCode> {
  const read = args.files.map((path) => parseSearchFile(readJson(path, 'search file'), path));
  const merged = read.reduce(mergeSearchFiles);
  const [{ of }] = merged.parts as [{ number: number; of: number }];
  if (merged.parts.length < of)
    terminal.err(`${merged.parts.length} of ${of} shards: what the others found is not here`);
  const path = args.out ?? join('orrery-report', `${merged.scenario}-${safe(merged.seed)}.search.json`);
  const entry = publish(merged, path, await scenarioOf(merged, terminal));
  printSearch(entry, merged, args.json, terminal);
  terminal.err(`search ${path}`);
  return searchExitCode(merged);
}

/** Shards may come from other machines, where the scenario's file lies elsewhere: then there are no pages. */
async function scenarioOf(
  { file, scenario: name }: SearchFile,
  terminal: Terminal,
): Promise<LoadedScenario | undefined> {
  try {
    const loaded = file === undefined ? await resolveScenarios([name]) : await loadFile(file);
    const one = loaded.find(({ scenario }) => scenario.name === name);
    if (one !== undefined) return one;
  } catch (error) {
    terminal.err(`no pages: ${(error as Error).message}`);
    return undefined;
  }
  terminal.err(`no pages: ${file} holds no scenario ${name}`);
  return undefined;
}
