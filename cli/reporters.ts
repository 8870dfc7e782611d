/** Reporters: which ones, and where each writes. `list`, `json`, `junit`, `github` to stdout or to a file, `html` to a folder. */
import { Chalk } from 'chalk';
import { ConfigError, nearest } from '../sim/index.ts';
import {
  entryText,
  githubReport,
  jsonReport,
  junitReport,
  summaryText,
  type Paint,
  type ReportEntry,
} from '../reports/index.ts';
import { writeWhole } from './files.ts';
import type { Terminal } from './terminal.ts';

const REPORTERS = ['list', 'json', 'junit', 'html', 'github', 'silent'] as const;
export type ReporterName = (typeof REPORTERS)[number];

export interface Reporter {
  readonly name: ReporterName;
  /** A file, or the folder of the html reporter; absent: stdout. */
  readonly path?: string;
}

export interface ReporterArguments {
  readonly reporter?: readonly string[] | undefined;
  readonly json: boolean;
  readonly out: string;
}

/** Reads `--reporter name[=path]`. Throws ConfigError for an unknown name. */
export function chosenReporters(args: ReporterArguments, underGithub: boolean): readonly Reporter[] {
  const words = args.reporter ?? (args.json ? [] : ['list']);
  const chosen = words.map((word): Reporter => {
    const [name = '', ...rest] = word.split('=');
    if (!REPORTERS.includes(name as ReporterName)) {
      const meant = nearest(name, REPORTERS);
      throw new ConfigError(
        '--reporter',
        name,
        `one of ${REPORTERS.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      );
    }
    const path = rest.join('=');
    if (rest.length > 0 && path === '') throw new ConfigError('--reporter', word, 'a path after the =');
    return path === '' ? { name: name as ReporterName } : { name: name as ReporterName, path };
  });
  if (args.json) chosen.push({ name: 'json' });
  if (underGithub && !chosen.some(({ name }) => name === 'github' || name === 'silent'))
    chosen.push({ name: 'github' });
  const onStdout = chosen.filter(({ name, path }) => path === undefined && (name === 'json' || name === 'junit'));
  if (onStdout.length > 1)
    throw new ConfigError(
      '--reporter',
      onStdout.map(({ name }) => name),
      'at most one document on stdout: give the others a path',
    );
  return chosen;
}

export const folderOf = (reporters: readonly Reporter[], out: string): string | undefined => {
  const html = reporters.find(({ name }) => name === 'html');
  return html === undefined ? undefined : (html.path ?? out);
};

function paintFor(colour: boolean): Paint {
  const { green, red, yellow, dim, bold } = new Chalk({ level: colour ? 1 : 0 });
  return { good: green, bad: red, warn: yellow, dim, strong: bold };
}

/** True when stdout carries a document, so that lines for people go to stderr. */
const documentOnStdout = (reporters: readonly Reporter[]): boolean =>
  reporters.some(({ name, path }) => path === undefined && (name === 'json' || name === 'junit'));

/** Reports each run as it ends: the list reporter's lines. */
export function reportEntry(entry: ReportEntry, reporters: readonly Reporter[], terminal: Terminal): void {
  const list = reporters.find(({ name }) => name === 'list');
  if (list === undefined || list.path !== undefined) return;
  const text = entryText(entry, { paint: paintFor(terminal.colour) });
  if (documentOnStdout(reporters)) terminal.err(text);
  else terminal.out(text);
}

/** Reports the whole: closing table and documents. */
export function reportAll(entries: readonly ReportEntry[], reporters: readonly Reporter[], terminal: Terminal): void {
  for (const { name, path } of reporters) {
    const text = documentFor(name, entries);
    if (name === 'list' && path === undefined) {
      const summary = summaryText(entries, { paint: paintFor(terminal.colour) });
      if (documentOnStdout(reporters)) terminal.err(summary);
      else terminal.out(summary);
    } else if (text === undefined) continue;
    else if (path !== undefined) writeWhole(path, `${text}\n`);
    else if (text !== '') terminal.out(text);
  }
}

function documentFor(name: ReporterName, entries: readonly ReportEntry[]): string | undefined {
  switch (name) {
    case 'json':
      return jsonReport(entries);
    case 'junit':
      return junitReport(entries);
    case 'github':
      return githubReport(entries);
    case 'list':
      return [...entries.map((entry) => entryText(entry)), summaryText(entries)].join('\n');
    case 'html':
    case 'silent':
      return undefined;
  }
}
