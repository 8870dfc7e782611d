/**
 * Repro files: everything that is needed to run a run again, and to see whether it is still the same.
 *
 * The schedule is written out in full: pin the schedule, not the seed, to keep a bug.
 */
import * as v from 'valibot';
import { ConfigError } from './base/errors.ts';
import { parseSchedule } from './faults/schedule.ts';
import type { RunResult } from './result.ts';
import { run, type RunOptions } from './run.ts';
import type { Scenario } from './scenario.ts';
import { following, orderRules, type Director, type OrderOptions } from './world/director.ts';
import { VERSION } from './version.ts';
import type { OperationLimits } from './world/withholding.ts';

const REPRO_SCHEMA_VERSION = 1;

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

const schema = v.strictObject({
  schemaVersion: v.literal(REPRO_SCHEMA_VERSION),
  scenario: v.pipe(v.string(), v.minLength(1)),
  /** The user's own scenario file, when it is not a bundled one: relative to the repro, with `/` between folders. */
  file: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** The same as it was named on the command line. */
  given: v.optional(v.pipe(v.string(), v.minLength(1))),
  params: v.record(v.string(), v.unknown()),
  seed: v.pipe(v.string(), v.minLength(1)),
  schedule: v.array(v.unknown()),
  /** Latencies at their nominal values. */
  noise: v.optional(v.literal('nominal')),
  /** Operations that clients may begin, when not all. */
  limited: v.optional(
    v.strictObject({
      before: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
      perClient: v.optional(v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0)))),
    }),
  ),
  /** What a director decided, when there was one. */
  order: v.optional(
    v.strictObject({
      timers: v.picklist(['clock', 'node', 'any']),
      latency: v.strictObject({ atLeast: wholeNumber, atMost: v.optional(wholeNumber) }),
      drops: wholeNumber,
      duplicates: wholeNumber,
      choices: wholeNumber,
      taken: v.array(wholeNumber),
    }),
  ),
  status: v.picklist(['held', 'violated', 'undecided']),
  /** Names of the violated checks, sorted. */
  violated: v.array(v.string()),
  /** Operations that clients began. */
  operations: v.pipe(v.number(), v.integer(), v.minValue(0)),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, '16 hexadecimal digits')),
  engine: v.string(),
  /** Digest of the scenario's code, when it came from a file. */
  code: v.optional(v.string()),
});

export type Repro = v.InferOutput<typeof schema>;

const violatedIn = (result: RunResult): string[] =>
  result.verdicts
    .filter((verdict) => verdict.status === 'violated')
    .map((verdict) => verdict.check)
    .sort();

/** Where a scenario came from that is not a bundled one: see the fields of a repro with these names. */
export interface ReproSource {
  readonly file?: string | undefined;
  readonly given?: string | undefined;
  readonly code?: string | undefined;
}

/** The repro of a run. */
export function reproOf(result: RunResult, source: ReproSource = {}): Repro {
  return {
    schemaVersion: REPRO_SCHEMA_VERSION,
    scenario: result.scenario,
    ...(source.file === undefined ? {} : { file: source.file }),
    ...(source.given === undefined ? {} : { given: source.given }),
    params: result.params,
    seed: result.seed,
    schedule: [...result.schedule],
    ...(result.noise === undefined ? {} : { noise: result.noise }),
    ...(result.limited === undefined ? {} : { limited: result.limited }),
    ...(result.order === undefined ? {} : { order: { ...result.order, taken: [...result.order.taken] } }),
    status: result.status,
    violated: violatedIn(result),
    operations: result.operations.length,
    digest: result.digest,
    engine: result.version,
    ...(source.code === undefined ? {} : { code: source.code }),
  };
}

function expectedBy(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'regex') return issue.message;
  if (v.getDotPath(issue) === 'schemaVersion')
    return `${REPRO_SCHEMA_VERSION}, the version that this engine (${VERSION}) reads`;
  if (issue.type !== 'strict_object') return issue.expected ?? issue.message;
  return issue.expected === 'never'
    ? `one of the fields ${Object.keys(schema.entries).join(', ')}`
    : 'this field to be there';
}

/** Reads a repro. Throws ConfigError naming the field. */
export function parseRepro(value: unknown, where = 'repro'): Repro {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(where, value, 'a repro: an object with scenario, seed, schedule and more');
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    const path = v.getDotPath(issue);
    throw new ConfigError(
      path === null ? where : `${where}.${path}`,
      issue.path?.at(-1)?.value ?? issue.input,
      expectedBy(issue),
    );
  }
  const { status, violated } = parsed.output;
  if ((status === 'violated') !== violated.length > 0)
    throw new ConfigError(
      `${where}.violated`,
      violated,
      status === 'violated' ? 'the checks that were' : `none, as status is ${status}`,
    );
  try {
    parseSchedule(parsed.output.schedule);
  } catch (error) {
    if (error instanceof ConfigError) error.message = `${where}: ${error.message}`;
    throw error;
  }
  return parsed.output;
}

/** What of a run's options is neither seed nor parameters nor faults: pass it on when a result or a repro is run again. */
export function variationOf({
  noise,
  limited,
  order,
}: Pick<Repro, 'noise' | 'limited' | 'order'>): Pick<RunOptions, 'noise' | 'operations' | 'director'> {
  const operations: OperationLimits | undefined = limited && {
    ...(limited.before === undefined ? {} : { before: limited.before }),
    ...(limited.perClient === undefined ? {} : { perClient: limited.perClient }),
  };
  return {
    ...(noise === undefined ? {} : { noise }),
    ...(operations === undefined ? {} : { operations }),
    ...(order === undefined ? {} : { director: directorOf(order) }),
  };
}

const directorOf = (order: NonNullable<Repro['order']>, options: { readonly lenient?: boolean } = {}): Director =>
  following({ ...orderRules(order as OrderOptions), taken: order.taken }, options);

export type ReplayOutcome = 'identical' | 'same verdict, different trace' | 'passes now' | 'another failure';

export interface Replay {
  readonly outcome: ReplayOutcome;
  readonly result: RunResult;
}

/**
 * Runs a repro again and says what has become of it. Where a changed design does not have what the recorded order chose, it goes on
 * as usual there.
 */
export function replay(scenario: Scenario, repro: Repro, options: Pick<RunOptions, 'record' | 'limits'> = {}): Replay {
  const faults = parseSchedule(repro.schedule);
  const { order, seed, params } = repro;
  const director = order === undefined ? {} : { director: directorOf(order, { lenient: true }) };
  const result = run(scenario, { ...options, ...variationOf(repro), ...director, seed, params, faults });
  const violated = violatedIn(result);
  const same = violated.length === repro.violated.length && violated.every((name, i) => name === repro.violated[i]);
  if (same && result.status === repro.status) {
    return { outcome: result.digest === repro.digest ? 'identical' : 'same verdict, different trace', result };
  }
  return { outcome: result.status === 'held' ? 'passes now' : 'another failure', result };
}
