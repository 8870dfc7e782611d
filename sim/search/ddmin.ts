/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", TSE 2002): a subset that still
 * fails and of which no single element can be left out.
 */

/** `fails` must be true of all `items`; it is asked of subsets in their given order. Its answer false may also mean "stop now". */
export function ddmin<T>(items: readonly T[], fails: (subset: readonly T[]) => boolean): readonly T[] {
  if (items.length === 0 || fails([])) return [];
  let kept = items;
  let parts = 2;
  while (kept.length >= 2) {
    const chunks = split(kept, parts);
    const fewer =
      chunks.find((chunk) => chunk.length < kept.length && fails(chunk)) ??
      (parts === 2 ? undefined : chunks.map((chunk) => without(kept, chunk)).find((rest) => fails(rest)));
    if (fewer !== undefined) {
      parts = fewer.length <= kept.length / parts + 1 ? 2 : Math.max(2, parts - 1);
      kept = fewer;
    } else if (parts >= kept.length) {
      break;
    } else {
      parts = Math.min(kept.length, parts * 2);
    }
  }
  return kept;
}

function split<T>(items: readonly T[], parts: number): readonly T[][] {
  const size = items.length / parts;
  const chunks = Array.from({ length: parts }, (_, i) => items.slice(Math.round(i * size), Math.round((i + 1) * size)));
  return chunks.filter((chunk) => chunk.length > 0);
}

const without = <T>(items: readonly T[], chunk: readonly T[]): readonly T[] =>
  items.filter((item) => !chunk.includes(item));
