/** Says what a search found, and which exit code that is. */
import { Chalk } from 'chalk';
import { searchText, type SearchEntry } from '../../reports/index.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { SearchFile } from './search-file.ts';

/** The findings on stdout, or with `json` the search file itself. */
export function printSearch(entry: SearchEntry, file: SearchFile, json: boolean, terminal: Terminal): void {
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
