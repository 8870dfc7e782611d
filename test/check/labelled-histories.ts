/** Third-party histories with known verdicts, where they lie beside the project. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Operation } from '../../sim/history/operation.ts';
import { anyHistory } from '../../sim/history/read/history-format.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/histories/', import.meta.url));

/** The path of a folder of labelled histories beside the project; undefined, after saying so, when it is not there. */
export function labelledHistories(folder: string): string | undefined {
  const path = `${FOLDER}${folder}/`;
  if (existsSync(path)) return path;
  process.stderr.write(`skipped: no labelled histories at ${path}\n`);
  return undefined;
}

/** The operations of a recorded history in any format. */
export function readHistory(path: string): readonly Operation[] {
  const reader = anyHistory(path);
  for (const line of readFileSync(path, 'utf8').split('\n')) reader.line(line);
  return reader.end().operations;
}

/** Numbers of the etcd histories that are linearizable; all others are not. */
export const LINEARIZABLE_ETCD = ['002', '018', '038', '048', '056', '076', '080', '092', '098', '100', '102'];
