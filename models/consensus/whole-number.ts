import { ConfigError } from '../../sim/index.ts';

/** The option, or what it is `otherwise`; `endless`: Infinity will do as well. Throws ConfigError naming the field. */
export function wholeNumber(
  field: string,
  value: number | undefined,
  otherwise: number,
  { least = 1, endless = false }: { readonly least?: number; readonly endless?: boolean } = {},
): number {
  if (value === undefined) return otherwise;
  const fits = Number.isInteger(value) || (endless && value === Infinity);
  if (!fits || value < least) throw new ConfigError(field, value, `a whole number of at least ${least}`);
  return value;
}
