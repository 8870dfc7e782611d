/** Reads rules from YAML: what is wrong is said with its path, its value and what was expected there. */
import * as v from 'valibot';
import { isNode, parseDocument, visit, type Document } from 'yaml';
import { ConfigError } from '../../sim/index.ts';

const UNITS = ['second', 'minute', 'hour', 'day'] as const;
export type RuleUnit = (typeof UNITS)[number];

const name = v.pipe(v.string(), v.minLength(1));
const rateLimit = v.strictObject({
  unit: v.optional(v.picklist(UNITS)),
  requests_per_unit: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  unlimited: v.optional(v.boolean()),
});

const DESCRIPTOR_FIELDS = ['key', 'value', 'rate_limit', 'shadow_mode', 'descriptors'] as const;

/** A descriptor as it is written. */
export interface DescriptorText {
  readonly key: string;
  readonly value?: string | undefined;
  readonly rate_limit?: v.InferOutput<typeof rateLimit> | undefined;
  readonly shadow_mode?: boolean | undefined;
  readonly descriptors?: readonly DescriptorText[] | undefined;
}

const descriptor: v.GenericSchema<unknown, DescriptorText> = v.strictObject({
  key: name,
  value: v.optional(name),
  rate_limit: v.optional(rateLimit),
  shadow_mode: v.optional(v.boolean()),
  descriptors: v.optional(v.lazy(() => descriptors)),
});
const descriptors = v.pipe(v.array(descriptor), v.minLength(1));
const document = v.strictObject({ domain: name, descriptors });

export type RulesText = v.InferOutput<typeof document>;

const EXPECTED: Readonly<Record<string, string>> = {
  domain: 'the name of the domain',
  descriptors: 'a list of at least one descriptor: key, then value, rate_limit, shadow_mode, descriptors as needed',
  key: 'the name of what the rule goes by, such as user or path',
  value: 'text that the value must equal, or begin with if it ends in "*" (numbers in quotes); left out: any value',
  rate_limit: 'unit and requests_per_unit, or unlimited: true',
  unit: `one of ${UNITS.join(', ')}`,
  requests_per_unit: 'a whole number of requests of at least 1',
  unlimited: 'true or false',
  shadow_mode: 'true or false',
};

type Path = readonly (string | number)[];
const pathText = (where: string, path: Path): string =>
  path.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${key}`), where);

function refuse(where: string, issues: readonly v.BaseIssue<unknown>[]): never {
  // A misspelt field explains why another is missing.
  const unknown = issues.find(({ type, expected }) => type === 'strict_object' && expected === 'never');
  const { path: items = [], input } = (unknown ?? issues[0]) as v.BaseIssue<unknown>;
  const last = items.at(-1);
  // To a schema of objects a list is an object without the fields.
  const wrong = last !== undefined && typeof last.key === 'string' && Array.isArray(last.input);
  const path = (wrong ? items.slice(0, -1) : items).map(({ key }) => key as string | number);
  const value = wrong ? last.input : last === undefined ? input : last.value;
  const field = path.at(-1);
  let expected = 'an object with domain and descriptors';
  if (typeof field === 'number') expected = 'a descriptor: an object with key';
  else if (unknown !== undefined && !wrong) expected = `only the fields ${fieldsAt(path).join(', ')}`;
  else if (field !== undefined) expected = EXPECTED[field] ?? '';
  throw new ConfigError(pathText(where, path), value, expected);
}

const fieldsAt = (path: Path): readonly string[] => {
  if (path.length === 1) return Object.keys(document.entries);
  return path.at(-2) === 'rate_limit' ? Object.keys(rateLimit.entries) : DESCRIPTOR_FIELDS;
};

/** What a schema of one field cannot see. */
function checkList(list: readonly DescriptorText[], where: string): void {
  const seen = new Map<string, number>();
  for (const [i, { key, value, rate_limit: limit, shadow_mode: shadow, descriptors: below }] of list.entries()) {
    const at = `${where}[${i}]`;
    const same = seen.get(JSON.stringify([key, value]));
    if (same !== undefined) {
      throw new ConfigError(
        at,
        value === undefined ? { key } : { key, value },
        `another key and value than ${where}[${same}]`,
      );
    }
    seen.set(JSON.stringify([key, value]), i);
    if (limit !== undefined) {
      const complete = limit.unit !== undefined && limit.requests_per_unit !== undefined;
      const none = limit.unit === undefined && limit.requests_per_unit === undefined;
      if (limit.unlimited === true ? !none : !complete)
        throw new ConfigError(`${at}.rate_limit`, limit, EXPECTED['rate_limit'] as string);
    }
    if (shadow === true && limit?.requests_per_unit === undefined)
      throw new ConfigError(
        `${at}.shadow_mode`,
        shadow,
        'a rate_limit for it to count, with unit and requests_per_unit',
      );
    if (below !== undefined) checkList(below, `${at}.descriptors`);
  }
}

/** Throws ConfigError; `where` names the text in errors. */
export function readRulesText(text: string, where: string): RulesText {
  if (typeof text !== 'string') throw new ConfigError(where, text, 'rules as YAML text');
  const result = v.safeParse(document, yamlOf(text, where));
  if (!result.success) refuse(where, result.issues);
  checkList(result.output.descriptors, `${where}.descriptors`);
  return result.output;
}

function yamlOf(text: string, where: string): unknown {
  // At level `silent` everything after the first document would be dropped without an error.
  const parsed = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const refuseAt = (position: number, message: string): never => {
    const before = text.slice(0, position).split('\n');
    const line = text.split('\n')[before.length - 1] ?? '';
    const at = `${where}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
    throw new ConfigError(at, line, `YAML: ${message}`);
  };
  const [error] = [...parsed.errors, ...parsed.warnings];
  if (error?.code === 'MULTIPLE_DOCS') refuseAt(error.pos[0], 'one document only');
  if (error !== undefined) refuseAt(error.pos[0], error.message);
  const endless = aliasInItself(parsed);
  if (endless !== undefined) refuseAt(endless, 'an alias of something that it is not itself a part of');
  try {
    return parsed.toJS();
  } catch (error) {
    // An alias that nothing is named by, or too many of them.
    throw new ConfigError(where, text, `YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Where an alias stands that is a part of what it stands for. */
function aliasInItself(parsed: Document): number | undefined {
  let found: number | undefined;
  visit(parsed, {
    Alias(_key, alias, path) {
      const target = alias.resolve(parsed);
      if (target === undefined || !path.some((above) => isNode(above) && above === target)) return undefined;
      found = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}
