/** A value of a state in one line, with the middle of what is long left out: of a list its end, which is what is new. */
import { canonicalJson } from '../sim/base/json.ts';

const LONGEST = 160;
const LAST_ITEMS = 3;

export function shortText(value: unknown, longest = LONGEST): string {
  if (value === undefined) return '–';
  if (Array.isArray(value) && value.length > LAST_ITEMS + 1) {
    const end = value.slice(-LAST_ITEMS).map((item) => shortText(item, longest / LAST_ITEMS));
    return `${value.length} items: … ${end.join(', ')}`;
  }
  if (value instanceof Map && value.size > LAST_ITEMS + 1) {
    const end = [...value]
      .slice(-LAST_ITEMS)
      .map(([key, item]) => `${plain(key)}: ${shortText(item, longest / LAST_ITEMS)}`);
    return `${value.size} entries: … ${end.join(', ')}`;
  }
  if (value instanceof Set && value.size > LAST_ITEMS + 1) {
    return `${value.size} members: … ${[...value].slice(-LAST_ITEMS).map(plain).join(', ')}`;
  }
  const text = plain(value);
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

const plain = (value: unknown): string => {
  try {
    return canonicalJson(value);
  } catch {
    return String(value);
  }
};
