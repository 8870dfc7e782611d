/** A value of a state in one line, with the middle of what is long left out: of a list its end, which is what is new. */
import { canonicalJson } from '../sim/base/json.ts';

const LONGEST = 160;
const LAST_ITEMS = 3;
/** Objects with less room are not taken apart to show the ends of their lists. */
const SHORTEST_PART = 60;
/** Nor are those with more fields. */
const MOST_FIELDS = 12;

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
  if (
    text.length > longest &&
    isRecord(value) &&
    longest >= SHORTEST_PART &&
    Object.keys(value).length <= MOST_FIELDS
  ) {
    // Of a log in an object its end shows, not its beginning.
    const entries = Object.entries(value).filter(([, part]) => part !== undefined);
    const room = Math.max(SHORTEST_PART / 2, longest / Math.max(1, entries.length));
    const parts = entries.map(([key, part]) => `${JSON.stringify(key)}:${shortText(part, room)}`);
    return cut(`{${parts.join(',')}}`, longest * 1.5);
  }
  return cut(text, longest);
}

const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const plain = (value: unknown): string => {
  try {
    return canonicalJson(value);
  } catch {
    return String(value);
  }
};
