/** Where the results of an experiment go: `table`, `json`, `csv` to stdout or a file, `html` to a file. */
import { join } from 'node:path';
import { ConfigError, nearest } from '../../sim/index.ts';
import type { ExperimentArguments } from '../commands/experiment-options.ts';
import { writeWhole } from '../files.ts';
import type { Terminal } from '../terminal.ts';

const FORMATS = ['table', 'json', 'csv', 'html'] as const;
type Format = (typeof FORMATS)[number];

export interface Outlet {
  readonly format: Format;
  /** Absent: stdout. */
  readonly path?: string;
}

/** Reads `--reporter name[=path]` and `--json`. Throws ConfigError. */
export function outletsOf({ reporter, json, out }: ExperimentArguments, pageName: string): readonly Outlet[] {
  const chosen = [...(reporter ?? (json ? [] : ['table'])), ...(json ? ['json'] : [])].map((word): Outlet => {
    const [name = '', ...rest] = word.split('=');
    if (!FORMATS.includes(name as Format)) {
      const meant = nearest(name, FORMATS);
      const maybe = meant === undefined ? '' : `; did you mean ${meant}?`;
      throw new ConfigError('--reporter', name, `one of ${FORMATS.join(', ')}${maybe}`);
    }
    const path = rest.join('=');
    if (rest.length > 0 && path === '') throw new ConfigError('--reporter', word, 'a path after the =');
    if (name === 'html') return { format: 'html', path: path === '' ? join(out, `${pageName}.html`) : path };
    return path === '' ? { format: name as Format } : { format: name as Format, path };
  });
  const onStdout = chosen.filter(({ path }) => path === undefined).map(({ format }) => format);
  if (onStdout.length > 1) throw new ConfigError('--reporter', onStdout, 'one on stdout: give the others a path');
  return chosen;
}

/** Writes each document that was asked for; only those are made. */
export function deliver(
  outlets: readonly Outlet[],
  documents: Readonly<Record<Format, () => string>>,
  terminal: Terminal,
): void {
  for (const { format, path } of outlets) {
    const text = documents[format]();
    if (path === undefined) terminal.out(text.trimEnd());
    else {
      writeWhole(path, text.endsWith('\n') ? text : `${text}\n`);
      terminal.err(`${format} ${path}`);
    }
  }
}

/** JSON has no infinities: what is not known is null. */
export const experimentJson = (kind: string, value: object): string =>
  JSON.stringify({ schemaVersion: 1, kind, ...value }, null, 2);
