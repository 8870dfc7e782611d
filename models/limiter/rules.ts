/**
 * Rules: which limit a request falls under, written as Lyft's and Envoy's ratelimit service reads them.
 *
 *     domain: shop
 *     descriptors:
 *       - key: user                 # each user by itself
 *         rate_limit: { unit: second, requests_per_unit: 10 }
 *       - key: path
 *         value: /login
 *         rate_limit: { unit: minute, requests_per_unit: 30 }
 *         descriptors:
 *           - key: address          # each address that logs in
 *             rate_limit: { unit: minute, requests_per_unit: 5 }
 *
 * A request carries descriptors: lists of entries, from the general to the particular. Each descriptor is walked down the
 * rules, at every level taking the rule for just this value, else the first whose `value: /api/*` it begins with, else the
 * one without a value; the rule of its *last* entry is its limit, if there is one. Counts belong to the entries' values, so
 * that a rule without a value counts each value alone. `unlimited: true`, or a rule for a value with no limit, exempts that
 * value; `shadow_mode: true` counts and never refuses.
 *
 * Not here: units longer than a day (months are not all of one length), `replaces`, and metrics options.
 */
import { canonicalJson, hours, minutes, s } from '../../sim/index.ts';
import type { Micros } from '../../sim/index.ts';
import { readRulesText, type DescriptorText, type RuleUnit } from './rules-text.ts';

export interface RuleLimit {
  /** Domain, keys and values down to the rule, for people: `shop.path=/login.address`. */
  readonly name: string;
  readonly requests: number;
  readonly per: Micros;
  /** Counts, and refuses nobody. */
  readonly shadow: boolean;
}

export interface DescriptorEntry {
  readonly key: string;
  readonly value: string;
}

/** What a request says of itself: entries from the general to the particular. */
export type Descriptor = readonly DescriptorEntry[];

export interface MatchedLimit {
  readonly limit: RuleLimit;
  /** Whose count it goes to. */
  readonly count: string;
}

export interface LimitRules {
  readonly domain: string;
  /** Every limit, in the order of the text. */
  readonly limits: readonly RuleLimit[];
  /** The limit that a descriptor falls under; undefined: none. */
  match(descriptor: Descriptor): MatchedLimit | undefined;
}

interface Rule {
  readonly limit: RuleLimit | undefined;
  readonly below: Level;
}

/** The rules for one key at one place: by value, by the beginning of the value, and for any value. */
interface Choice {
  readonly exact: Map<string, Rule>;
  readonly prefixes: { readonly prefix: string; readonly rule: Rule }[];
  any: Rule | undefined;
}

type Level = ReadonlyMap<string, Choice>;

const UNIT: Readonly<Record<RuleUnit, Micros>> = { second: s(1), minute: minutes(1), hour: hours(1), day: hours(24) };

/** Reads rules from YAML. Throws ConfigError naming the path from `where` (default `rules`), the value and what was expected. */
export function parseLimitRules(text: string, where = 'rules'): LimitRules {
  const { domain, descriptors } = readRulesText(text, where);
  const limits: RuleLimit[] = [];
  const root = levelOf(descriptors, domain, limits);
  return {
    domain,
    limits,
    match(descriptor) {
      let level = root;
      for (const [i, { key, value }] of descriptor.entries()) {
        const rule = choose(level.get(key), value);
        if (rule === undefined) return undefined;
        if (i < descriptor.length - 1) level = rule.below;
        else if (rule.limit !== undefined)
          return { limit: rule.limit, count: canonicalJson([domain, ...descriptor.flatMap((e) => [e.key, e.value])]) };
      }
      return undefined;
    },
  };
}

function choose(choice: Choice | undefined, value: string): Rule | undefined {
  if (choice === undefined) return undefined;
  return choice.exact.get(value) ?? choice.prefixes.find(({ prefix }) => value.startsWith(prefix))?.rule ?? choice.any;
}

function levelOf(list: readonly DescriptorText[], above: string, limits: RuleLimit[]): Level {
  const level = new Map<string, Choice>();
  for (const text of list) {
    const { key, value } = text;
    const choice: Choice = level.get(key) ?? { exact: new Map(), prefixes: [], any: undefined };
    level.set(key, choice);
    const name = `${above}.${key}${value === undefined ? '' : `=${value}`}`;
    const limit = limitOf(text, name);
    if (limit !== undefined) limits.push(limit);
    const rule: Rule = { limit, below: levelOf(text.descriptors ?? [], name, limits) };
    if (value === undefined) choice.any = rule;
    else if (value.endsWith('*')) choice.prefixes.push({ prefix: value.slice(0, -1), rule });
    else choice.exact.set(value, rule);
  }
  return level;
}

function limitOf(
  { rate_limit: limit, shadow_mode: shadow = false }: DescriptorText,
  name: string,
): RuleLimit | undefined {
  if (limit?.unit === undefined || limit.requests_per_unit === undefined) return undefined;
  return { name, requests: limit.requests_per_unit, per: UNIT[limit.unit], shadow };
}
