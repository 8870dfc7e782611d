/** Files: read with clear errors, written whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
    makeFolder(dirname(path));
    begun = true;
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    if (begun) rmSync(temporary, { force: true });
    throw new ConfigError('output', path, `a place that can be written (${reasonOf(error)})`);
  }
}

/** Makes a folder, if need be, and a file in it for a moment. Throws ConfigError when either cannot be. */
export function checkWritable(folder: string, option: string): void {
  const probe = join(folder, `.${randomUUID()}`);
  try {
    makeFolder(folder);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new ConfigError(option, folder, `a folder that can be written (${reasonOf(error)})`);
  }
}

/** With those above it. Node's own way to do so never returns in a folder that takes no others, such as /proc. */
function makeFolder(path: string): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder(path)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
