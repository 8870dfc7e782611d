/** `orrery merge`: makes one search out of its shards. */
import { dirname, join } from 'node:path';
import { ConfigError } from '../../sim/index.ts';
import { Exit, type ExitCode } from '../exit-codes.ts';
import { readJson } from '../files.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import { safe } from '../safe-name.ts';
import { scenarioFrom } from '../scenario-source.ts';
import { deliverSearch, searchExitCode } from '../search/report-search.ts';
import { mergeSearchFiles, movedSearchFile, parseSearchFile, type SearchFile } from '../search/search-file.ts';
import type { Terminal } from '../terminal.ts';
import type { PageKind } from './shared-options.ts';

export interface MergeArguments {
  readonly files: readonly string[];
  readonly out?: string | undefined;
  /** A file or a name in place of what the search files say. */
  readonly scenario?: string | undefined;
  readonly pages: PageKind;
  readonly json: boolean;
}

export async function mergeSearches(args: MergeArguments, terminal: Terminal): Promise<ExitCode> {
  const read = args.files.map((path) => ({ path, file: parseSearchFile(readJson(path, 'search file'), path) }));
  const [first] = read as [(typeof read)[number]];
  const target = args.out ?? join('orrery-report', `${first.file.scenario}-${safe(first.file.seed)}.search.json`);
  const merged = read
    .map(({ path, file }) => movedSearchFile(file, dirname(path), dirname(target)))
    .reduce(mergeSearchFiles);
  const [{ of }] = merged.parts as [{ number: number; of: number }];
  if (merged.parts.length < of)
    terminal.err(`${merged.parts.length} of ${of} shards: what the others found is not here`);
  const one = await sourceOf(merged, target, args.scenario, terminal);
  deliverSearch(merged, { path: target, one, pages: args.pages, json: args.json }, terminal);
  return searchExitCode(merged);
}

/** Shards may come from other machines, where the scenario's file lies elsewhere: then there are no pages. */
async function sourceOf(
  merged: SearchFile,
  path: string,
  instead: string | undefined,
  terminal: Terminal,
): Promise<LoadedScenario | undefined> {
  try {
    return await scenarioFrom(merged, path, instead);
  } catch (error) {
    if (instead !== undefined || !(error instanceof ConfigError || error instanceof Exit)) throw error;
    terminal.err(`no pages: ${error.message}`);
    return undefined;
  }
}
