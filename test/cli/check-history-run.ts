/** Runs `orrery check-history` on files that a test writes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../cli/main.ts';

export interface Answer {
  readonly code: number;
  readonly out: string;
  /** Without the folder of the files. */
  readonly err: string;
}

/** A folder of its own for a test file's histories. */
export class HistoryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'orrery-history-'));

  /** Writes a file and returns its path. */
  file(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  async check(...args: string[]): Promise<Answer> {
    const [out, err]: [string[], string[]] = [[], []];
    const terminal = {
      out: (line: string) => void out.push(line),
      err: (line: string) => void err.push(line),
      colour: false,
    };
    const code = await main(['check-history', ...args], terminal);
    return { code, out: out.join('\n'), err: err.join('\n').replaceAll(`${this.path}/`, '') };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface Judged {
  readonly file: string;
  readonly model: string;
  readonly inferred: boolean;
  readonly status: string;
  readonly witness?: { readonly mandatory: number[] };
}

/** What `--json` printed. */
export const judgedIn = (text: string): Judged[] => (JSON.parse(text) as { histories: Judged[] }).histories;

/** A read that misses a write which was complete before it. */
export const STALE: readonly string[] = [
  '{"type":"invoke","client":"a","f":"write","value":1}',
  '{"type":"ok","client":"a","f":"write"}',
  '{"type":"invoke","process":7,"f":"read"}',
  '{"type":"ok","process":7,"f":"read","value":null}',
];
