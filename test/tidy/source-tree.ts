/** Reads the real tree for the tidy rules. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseModule, type SourceModule } from './module.ts';
import { ROOMS } from './rooms.ts';

/** Every TypeScript file of the product and of its tests, sorted by path. */
export function readSourceTree(root: string): readonly SourceModule[] {
  return [...ROOMS, 'test']
    .filter((room) => existsSync(join(root, room)))
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((path) => join(room, path)),
    )
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseModule(path, readFileSync(join(root, path), 'utf8')));
}
