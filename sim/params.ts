/** Parameters of a scenario: typed, with defaults and bounds, readable from the command line. */
import { ConfigError } from './base/errors.ts';
import { durationText, parseDuration, type Duration, type Micros } from './base/time.ts';

export interface Param<T> {
  readonly kind: 'count' | 'number' | 'flag' | 'duration' | 'choice' | 'text';
  readonly default: T;
  /** What it means, with bounds, for `--help`. */
  readonly doc: string;
  /** The smallest and the largest number, where they are declared. */
  readonly bounds?: { readonly min?: number; readonly max?: number };
  /** The words of a choice. */
  readonly choices?: readonly T[];
  /** Reads a value, also from text. Throws ConfigError naming `field`. */
  parse(value: unknown, field: string): T;
}

export type ParamSpecs = Readonly<Record<string, Param<unknown>>>;
export type ParamsOf<D> = { readonly [K in keyof D]: D[K] extends Param<infer T> ? T : never };

export interface Bounds {
  /** Smallest value (included). */
  readonly min?: number;
  /** Largest value (included). */
  readonly max?: number;
  readonly doc?: string;
}

const boundsText = ({ min, max }: Bounds): string =>
  min !== undefined && max !== undefined
    ? ` from ${min} to ${max}`
    : min !== undefined
      ? ` of at least ${min}`
      : max !== undefined
        ? ` of at most ${max}`
        : '';

const numeric = (kind: 'count' | 'number', fallback: number, bounds: Bounds): Param<number> => {
  const expected = (kind === 'count' ? 'a whole number' : 'a number') + boundsText(bounds);
  const parse = (value: unknown, field: string): number => {
    const n = typeof value === 'string' && /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(value.trim()) ? Number(value) : value;
    const ok =
      typeof n === 'number' &&
      Number.isFinite(n) &&
      (kind !== 'count' || Number.isSafeInteger(n)) &&
      n >= (bounds.min ?? -Infinity) &&
      n <= (bounds.max ?? Infinity);
    if (!ok) throw new ConfigError(field, value, expected);
    return n;
  };
  const { min, max } = bounds;
  return {
    kind,
    default: parse(fallback, 'default'),
    doc: `${bounds.doc ?? ''} (${expected})`.trim(),
    bounds: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
    parse,
  };
};

/** A whole number; at least 0 unless bounds say otherwise. */
export const count = (fallback: number, bounds: Bounds = {}): Param<number> =>
  numeric('count', fallback, { min: 0, ...bounds });

/** A finite number. */
export const number = (fallback: number, bounds: Bounds = {}): Param<number> => numeric('number', fallback, bounds);

/** true or false. */
export const flag = (fallback: boolean, doc = ''): Param<boolean> => ({
  kind: 'flag',
  default: fallback,
  doc: `${doc} (true or false)`.trim(),
  parse(value, field) {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw new ConfigError(field, value, 'true or false');
  },
});

/** A duration. */
export const span = (fallback: Duration, doc = ''): Param<Micros> => ({
  kind: 'duration',
  default: parseDuration(fallback, 'default'),
  doc: `${doc} (a duration, such as ${durationText(parseDuration(fallback, 'default'))})`.trim(),
  parse: (value, field) =>
    parseDuration(typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value, field),
});

/** One of a few words. */
export const choice = <T extends string>(fallback: T, values: readonly T[], doc = ''): Param<T> => ({
  kind: 'choice',
  default: fallback,
  doc: `${doc} (${values.join(' | ')})`.trim(),
  choices: values,
  parse(value, field) {
    if (values.includes(value as T)) return value as T;
    throw new ConfigError(field, value, `one of ${values.join(', ')}`);
  },
});

/** Fills in defaults and checks what is given. Throws ConfigError naming an unknown or wrong parameter. */
export function readParams<D extends ParamSpecs>(specs: D, given: Readonly<Record<string, unknown>> = {}): ParamsOf<D> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) {
      const known = Object.keys(specs);
      throw new ConfigError(
        `params.${name}`,
        given[name],
        known.length === 0 ? 'no parameters at all' : `one of the parameters ${known.join(', ')}`,
      );
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    values[name] = Object.hasOwn(given, name) ? spec.parse(given[name], `params.${name}`) : spec.default;
  }
  return values as ParamsOf<D>;
}
