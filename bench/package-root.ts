/** Where the files are that no compiler moves: the peers' programs, the baseline. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a file of the package, given from its root. This module runs from bench/ and from dist/bench/. */
export function inPackage(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('bench: there is no package.json above this file');
    folder = above;
  }
  return join(folder, path);
}
