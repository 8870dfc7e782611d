/** The lines of a file, or of standard input, in portions: however long it is, only one portion is in memory. */
import { closeSync, openSync, readSync } from 'node:fs';
import { unreadable } from './files.ts';

const PORTION = 1 << 16;

/** `path`: `-` for standard input. A byte order mark and carriage returns are dropped. Throws ConfigError. */
export async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of path === '-' ? standardInput() : portionsOf(path)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() as string;
    yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

function* portionsOf(path: string): Generator<Uint8Array> {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const buffer = new Uint8Array(PORTION);
    for (;;) {
      const size = readSync(file, buffer);
      if (size === 0) return;
      yield buffer.subarray(0, size);
    }
  } catch (error) {
    throw unreadable(path, 'history', error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function* standardInput(): AsyncGenerator<Uint8Array> {
  for await (const bytes of process.stdin) yield bytes as Uint8Array;
}
