/** The files that recorded histories are in: what was named, and what lies in folders. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../sim/base/errors.ts';

/** In folders, names that end otherwise are no histories. */
const ENDINGS = ['.jsonl', '.ndjson', '.json', '.edn', '.log', '.txt'];

/** Files as they were named; for a folder all histories in it and below, by name. Throws ConfigError for one that has none. */
export function historyFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
    const found = below(path);
    if (found.length === 0)
      throw new ConfigError('history', path, `a folder with files that end with ${ENDINGS.join(', ')}`);
    return found;
  });
}

function below(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return below(path);
    return entry.isFile() && ENDINGS.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
  });
}
