/**
 * Faults are data: one discriminated union, written as JSON, read back with clear errors, printed, shrunk and shown.
 *
 * `at` is when a fault begins, `for` how long it lasts; without `for` it lasts to the end of the run. `restart`, `destroy` and
 * `bit-rot` happen at one instant and have no length. Durations are whole microseconds, or text such as "250ms" where they are
 * read.
 */
import * as v from 'valibot';
import { ConfigError } from '../base/errors.ts';
import { clockFaults } from './fault-clock.ts';
import { diskFaults } from './fault-disk.ts';
import { loadFaults } from './fault-load.ts';
import { networkFaults } from './fault-network.ts';
import { nodeFaults } from './fault-node.ts';
import { zoneFaults } from './fault-zone.ts';
import { hint } from '../base/nearest.ts';

const schemas = [...nodeFaults, ...networkFaults, ...clockFaults, ...diskFaults, ...zoneFaults, ...loadFaults] as const;
const faultSchema = v.variant('kind', schemas);

/** So that `fault.for` can be asked of every fault. */
type Lasting<T> = T extends unknown
  ? 'for' extends keyof T
    ? T
    : T & { readonly for?: undefined; readonly stays?: undefined }
  : never;
type Plain<T> = T extends string | number | boolean | undefined ? T : { readonly [K in keyof T]: Plain<T[K]> };

/** A planned fault. Its `id` names it in results and names its random streams; '' until a schedule has given it one. */
export type Fault = Lasting<Plain<v.InferOutput<typeof faultSchema>>>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

interface Form {
  readonly entries: Readonly<Record<string, v.GenericSchema>>;
}

const forms: ReadonlyMap<string, Form> = new Map(
  schemas.map((schema) => [schema.entries.kind.literal, schema as Form]),
);

/** Every kind of fault. */
export const FAULT_KINDS: readonly FaultKind[] = schemas.map((schema) => schema.entries.kind.literal);

const fieldText = (field: string, path: readonly v.IssuePathItem[]): string =>
  path.reduce((text, { key }) => text + (/^\d+$/.test(String(key)) ? `[${String(key)}]` : `.${String(key)}`), field);

/** Throws what a failed reading has found first. */
function refuse(field: string, form: Form, issue: v.BaseIssue<unknown>): never {
  const { path = [] } = issue;
  const last = path.at(-1);
  const where = fieldText(field, path);
  if (issue.type === 'strict_object' && last !== undefined) {
    // A required field is missing: its own schema says what it should be.
    const entry = form.entries[String(last.key)] as v.GenericSchema;
    const missing = v.safeParse(entry, undefined, { abortEarly: true });
    throw new ConfigError(where, undefined, missing.issues?.[0].message ?? 'a value');
  }
  throw new ConfigError(where, last === undefined ? issue.input : last.value, issue.message);
}

/** Reads one fault from untrusted data. `field` names it in errors. Throws ConfigError. */
export function parseFault(value: unknown, field: string): Fault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(field, value, 'a fault: an object with kind, at, and what the kind needs');
  }
  const given = Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Record<
    string,
    unknown
  >;
  const { kind } = given;
  const form = typeof kind === 'string' ? forms.get(kind) : undefined;
  if (form === undefined) {
    throw new ConfigError(`${field}.kind`, kind, `one of ${FAULT_KINDS.join(', ')}${hint(kind, FAULT_KINDS)}`);
  }
  const known = Object.keys(form.entries);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new ConfigError(
      `${field}.${unknown}`,
      given[unknown],
      `only the fields ${known.join(', ')}${hint(unknown, known)}`,
    );
  }
  const result = v.safeParse(faultSchema, given, { abortEarly: true });
  if (!result.success) refuse(field, form, result.issues[0]);
  const fault: Fault = result.output;
  if (fault.stays === true && fault.for !== undefined) {
    throw new ConfigError(`${field}.stays`, true, 'a fault without `for`: one that stays never ends');
  }
  return fault;
}
