/**
 * What is known of how the sound designs fare under random schedules: a file of the repository, bench/survival.json. It takes hours to
 * fill, so each entry names the code that it is of, and counts for as long as that code stays as it is. An entry may be taken over
 * to code that is meant to behave the same, such as a faster engine's, if the first schedules still run to the same digests.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Endured {
  /** Digest of the design with the simulator, as one program. */
  readonly code: string;
  /** Schedules of the search, from the first on. */
  readonly schedules: number;
  readonly held: number;
  /** The numbers of those that did not hold, with what they violated or how they ended. */
  readonly failures: readonly { readonly index: number; readonly found: readonly string[] }[];
  readonly events: number;
  /** Digest of the digests and outcomes of the first `SAMPLE` runs. */
  readonly sample?: string;
}

/** Schedules that have to run to the same digests before an entry is taken over to other code. */
export const SAMPLE = 20;

/** By design and profile. */
export type Ledger = Readonly<Record<string, Readonly<Record<string, Endured>>>>;

/** The seed of every search in the ledger: the validation of sound designs runs the first of the same schedules. */
export const SEED = 'survive';

export interface Task {
  readonly scenario: string;
  readonly profile: string;
  readonly code: string;
  readonly schedules: number;
  /** Of one schedule of each profile: designs with few of them are cheap. */
  readonly events: number;
}

/** Whether an entry says all that a task asks for. */
export const isDone = (ledger: Ledger, { scenario, profile, code, schedules }: Omit<Task, 'events'>): boolean => {
  const entry = ledger[scenario]?.[profile];
  return entry !== undefined && entry.code === code && entry.schedules >= schedules;
};

/** The entry as one of `code`, under which the first runs have the digest `sample`; undefined when it says nothing about that code. */
export function takenOver(entry: Endured, code: string, sample: string): Endured | undefined {
  if (entry.code !== code && entry.sample !== sample) return undefined;
  return { ...entry, code, sample };
}

export function readLedger(path: string): Ledger {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Ledger) : {};
}

/** With one more entry; designs and profiles in the order of their names. */
export function withEntry(
  ledger: Ledger,
  { scenario, profile }: Pick<Task, 'scenario' | 'profile'>,
  entry: Endured,
): Ledger {
  const byName = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  return byName({ ...ledger, [scenario]: byName({ ...ledger[scenario], [profile]: entry }) });
}

/** Whole or not at all. */
export function writeLedger(path: string, ledger: Ledger): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(ledger, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
