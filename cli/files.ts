/** Files: read with clear errors, written whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../sim/base/errors.ts';

const reasonOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'a file stands where a folder is needed';
  if (code === 'EACCES') return 'permission denied';
  return (error as Error).message;
};

/** The text of a file. Throws ConfigError when it cannot be read. */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, what, error);
  }
}

/** The error for a file that cannot be read. */
export const unreadable = (path: string, what: string, error: unknown): ConfigError =>
  new ConfigError(what, path, `a readable file (${reasonOf(error)})`);

/** A file's JSON. Throws ConfigError when it cannot be read or is not JSON. */
export function readJson(path: string, what: string): unknown {
  return parseJson(readText(path, what), path, what);
}

export function parseJson(text: string, path: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(what, path, `JSON (${(error as Error).message})`);
  }
}

/** Writes a file through a temporary one beside it: readers see the old file or the new one, never half of it. */
export function writeWhole(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  let begun = false;
  try {
    mkdirSync(dirname(path), { recursive: true });
    begun = true;
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    if (begun) rmSync(temporary, { force: true });
    throw new ConfigError('output', path, `a place that can be written (${reasonOf(error)})`);
  }
}
