/** Reads `--grid name=v1,v2` and `--grid name=from..to:step`. Throws ConfigError. */
import { ConfigError } from '../../sim/index.ts';

const RANGE = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/;
const MOST_VALUES = 10_000;

export function readGridWords(words: readonly string[]): Readonly<Record<string, readonly unknown[]>> {
  const grid: Record<string, readonly unknown[]> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) throw new ConfigError('--grid', word, 'name=v1,v2,… or name=from..to:step');
    const name = word.slice(0, at);
    if (Object.hasOwn(grid, name)) throw new ConfigError('--grid', word, `${name} once`);
    grid[name] = valuesOf(word.slice(at + 1), word);
  }
  return grid;
}

function valuesOf(text: string, word: string): readonly unknown[] {
  const range = RANGE.exec(text);
  if (range === null) {
    const values = text.split(',');
    if (values.includes('')) throw new ConfigError('--grid', word, 'values between the commas');
    return values;
  }
  const [from, to, step] = range.slice(1).map(Number) as [number, number, number];
  if (step === 0 || to < from)
    throw new ConfigError('--grid', word, 'from..to:step with from at most to, and a step above 0');
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST_VALUES) throw new ConfigError('--grid', word, `at most ${MOST_VALUES} values`);
  // Decimal steps such as 0.1 are no doubles: what is left of the sum is rounded away.
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(12)));
}
