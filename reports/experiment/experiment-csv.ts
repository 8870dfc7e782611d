/** Places of a sweep, or probes, as CSV: a line for each figure of each place, `…params,figure,n,mean,half_width_95,min,max`. */
import type { Replicated } from '../../sim/experiment/replications.ts';
import { csvLine } from '../csv.ts';
import { valueText } from '../plain-value.ts';

/** Durations in µs, as everywhere in data. Lines end with CRLF. */
export function experimentCsv(
  places: readonly { readonly at: Readonly<Record<string, unknown>>; readonly replicated: Replicated }[],
): string {
  const varied = Object.keys(places[0]?.at ?? {});
  const header = csvLine([
    ...varied,
    'figure',
    'n',
    'mean',
    'half_width_95',
    'min',
    'max',
    'held',
    'violated',
    'undecided',
  ]);
  const lines = places.flatMap(({ at, replicated: { figures, answers } }) =>
    Object.entries(figures).map(([name, { n, mean, halfWidth, min, max }]) => {
      const where = varied.map((param) =>
        typeof at[param] === 'number' ? (at[param] as number) : valueText(at[param]),
      );
      const { held, violated, undecided } = answers;
      return csvLine([...where, name, n, mean, halfWidth, min, max, held, violated, undecided]);
    }),
  );
  return header + lines.join('');
}
