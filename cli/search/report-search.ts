/** Publishes what a search found, says it, and which exit code that is. */
import { Chalk } from 'chalk';
import { searchText, type SearchEntry } from '../../reports/index.ts';
import type { PageKind } from '../commands/shared-options.ts';
import { ExitCode } from '../exit-codes.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import type { Terminal } from '../terminal.ts';
import { publish, unpublished } from './publish.ts';
import type { SearchFile } from './search-file.ts';

export interface Outputs {
  /** Of the search file. */
  readonly path: string;
  /** Absent: the scenario is not at hand. */
  readonly one: LoadedScenario | undefined;
  readonly pages: PageKind;
  readonly json: boolean;
}

/** Writes the files and prints the findings, which it does even where the files cannot be written. */
export function deliverSearch(file: SearchFile, { path, one, pages, json }: Outputs, terminal: Terminal): void {
  let entry: SearchEntry;
  try {
    entry = publish(file, path, one, pages);
  } catch (error) {
    printSearch(unpublished(file, one), file, json, terminal);
    throw error;
  }
  printSearch(entry, file, json, terminal);
  terminal.err(`search ${path}`);
}

/** The findings on stdout, or with `json` the search file itself. */
function printSearch(entry: SearchEntry, file: SearchFile, json: boolean, terminal: Terminal): void {
  if (json) return terminal.out(JSON.stringify(file, null, 2));
  const { green, red, yellow, dim, bold } = new Chalk({ level: terminal.colour ? 1 : 0 });
  terminal.out(searchText(entry, { paint: { good: green, bad: red, warn: yellow, dim, strong: bold } }));
}

/** A run that cannot be repeated spoils the whole search; then what was violated counts, whatever the scenario expects. */
export function searchExitCode({
  schedules,
  violated,
  broke,
  undecided,
  notReproduced,
  determinism,
}: SearchFile): ExitCode {
  if (notReproduced.length > 0 || (determinism?.diverged.length ?? 0) > 0) return ExitCode.diverged;
  if (violated + broke > 0) return ExitCode.violated;
  if (undecided > 0) return ExitCode.undecided;
  return schedules === 0 ? ExitCode.nothingMatched : ExitCode.asExpected;
}
