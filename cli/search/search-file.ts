/** Search files: the summary of a search or of a shard of it, as it is written, read and merged. */
import * as v from 'valibot';
import { ConfigError, mergeSummaries, parseRepro, SEARCH_SCHEMA_VERSION, type SearchSummary } from '../../sim/index.ts';
import { movedSource } from '../scenario-source.ts';
import type { DeterminismReport } from './determinism-guard.ts';

export interface SearchFile extends SearchSummary {
  /** Which shards are in it; one that is whole is shard 1 of 1. */
  readonly parts: readonly { readonly number: number; readonly of: number }[];
  /** The user's scenario file, when it is not a bundled one: relative to the search file; and as it was named. */
  readonly file?: string | undefined;
  readonly given?: string | undefined;
  /** Failures that nobody looked into, because the search was ended. */
  readonly unexamined: number;
  readonly determinism?: DeterminismReport;
}

const WHOLE = 'a whole number of at least 0';
const count = v.pipe(v.number(WHOLE), v.safeInteger(WHOLE), v.minValue(0, WHOLE));
const share = v.pipe(
  v.number('a number from 0 to 1'),
  v.minValue(0, 'a number from 0 to 1'),
  v.maxValue(1, 'a number from 0 to 1'),
);
const record = <T extends v.GenericSchema>(value: T) => v.record(v.string(), value);
const counts = record(count);
const schedule = v.array(record(v.unknown()));

const coverage = v.object({
  schedules: count,
  virtualTime: count,
  cells: record(record(record(v.object({ planned: count, felt: count })))),
  phases: record(counts),
  sometimes: record(v.object({ runs: count, held: count })),
  faults: record(v.object({ planned: count, ineffective: count })),
  mixes: record(v.object({ runs: count, begun: count, ok: count })),
});

const finding = v.looseObject({
  property: v.string(),
  signature: v.string(),
  message: v.string(),
  at: v.optional(count),
  count,
  index: count,
  seed: v.string(),
  drawn: schedule,
  schedule,
  causes: v.array(v.string()),
  minimising: v.looseObject({ runs: count, ended: v.picklist(['done', 'budget', 'stopped']) }),
  necessity: v.array(
    v.object({
      id: v.string(),
      text: v.string(),
      fault: record(v.unknown()),
      without: v.picklist(['passes', 'still fails', 'other failure', 'undecided']),
    }),
  ),
  broken: v.optional(
    v.object({ seed: v.pipe(v.string(), v.minLength(1, 'a non-empty text')), params: record(v.unknown()) }),
  ),
  inevitability: v.optional(
    v.looseObject({
      points: v.array(
        v.looseObject({ at: count, runs: count, violated: count, estimate: share, low: share, high: share }),
      ),
      pointOfNoReturn: v.optional(count),
      runs: count,
      complete: v.boolean(),
    }),
  ),
  repro: v.optional(v.unknown()),
});

const divergence = v.looseObject({ kind: v.picklist(['event', 'outcome']) });

const schema = v.looseObject({
  schemaVersion: v.literal(SEARCH_SCHEMA_VERSION),
  version: v.string(),
  scenario: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'a name of a scenario')),
  question: v.string(),
  seed: v.pipe(v.string(), v.minLength(1, 'a non-empty text')),
  profile: v.string(),
  params: record(v.unknown()),
  ...{ schedules: count, held: count, violated: count, undecided: count, broke: count },
  ...{ virtualTime: count, events: count, extraRuns: count },
  findings: v.array(finding),
  notReproduced: v.array(count),
  coverage,
  reach: record(v.array(v.string())),
  gaps: v.object({
    cells: v.array(v.object({ family: v.string(), role: v.string(), phase: v.string() })),
    sometimes: v.array(v.string()),
  }),
  parts: v.pipe(v.array(v.object({ number: count, of: count })), v.minLength(1, 'at least one shard')),
  file: v.optional(v.string()),
  given: v.optional(v.string()),
  unexamined: count,
  determinism: v.optional(v.object({ checked: count, diverged: v.array(v.object({ index: count, divergence })) })),
});

/** Throws ConfigError naming the field. */
export function parseSearchFile(value: unknown, where: string): SearchFile {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    const path = v.getDotPath(issue);
    const field = path === null ? where : `${where}: ${path}`;
    throw new ConfigError(field, issue.path?.at(-1)?.value ?? issue.input, expectedBy(issue));
  }
  checkParts(parsed.output.parts, where);
  for (const [i, { repro }] of parsed.output.findings.entries()) {
    if (repro !== undefined) parseRepro(repro, `${where}: findings.${i}.repro`);
  }
  return parsed.output as unknown as SearchFile;
}

/** In our words: a message that a field was given, or else what valibot says that it is. */
function expectedBy({ type, expected, message, received }: v.BaseIssue<unknown>): string {
  if (type.endsWith('object') && received === 'undefined' && expected?.startsWith('"') === true)
    return 'it to be there';
  const isOurs = !message.startsWith('Invalid ');
  if (isOurs) return message;
  return NAMES[expected ?? ''] ?? expected ?? message;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
};

function checkParts(parts: SearchFile['parts'], where: string): void {
  const [first] = parts;
  for (const [i, { number, of }] of parts.entries()) {
    const wrong = (expected: string): ConfigError =>
      new ConfigError(`${where}: parts.${i}`, `${number}/${of}`, expected);
    if (number < 1 || number > of) throw wrong('i/n with 1 ≤ i ≤ n');
    if (of !== first?.of) throw wrong(`shards of ${first?.of}, as the others are`);
    if (parts.findIndex((part) => part.number === number) < i) throw wrong('each shard once');
  }
}

/** A search file of the folder `from`, as it has to be in the folder `to`. */
export const movedSearchFile = (file: SearchFile, from: string, to: string): SearchFile => ({
  ...movedSource(file, from, to),
  findings: file.findings.map((finding) =>
    finding.repro === undefined ? finding : { ...finding, repro: movedSource(finding.repro, from, to) },
  ),
});

/** Shards of one search in one file. Throws ConfigError when they are of different searches, or share a shard. */
export function mergeSearchFiles(a: SearchFile, b: SearchFile): SearchFile {
  for (const part of b.parts) {
    for (const { number, of } of a.parts) {
      if (part.of !== of)
        throw new ConfigError('shard', `${part.number}/${part.of}`, `shards of ${of}, as the others are`);
      if (part.number === number) throw new ConfigError('shard', `${number}/${of}`, 'each shard once');
    }
  }
  const checks = [a.determinism, b.determinism].filter((one) => one !== undefined);
  const determinism = {
    checked: checks.reduce((sum, { checked }) => sum + checked, 0),
    diverged: checks.flatMap(({ diverged }) => diverged).sort((x, y) => x.index - y.index),
  };
  return {
    ...mergeSummaries(a, b),
    parts: [...a.parts, ...b.parts].sort((x, y) => x.number - y.number),
    ...(a.file === undefined ? {} : { file: a.file }),
    ...(a.given === undefined ? {} : { given: a.given }),
    unexamined: a.unexamined + b.unexamined,
    ...(checks.length === 0 ? {} : { determinism }),
  };
}
