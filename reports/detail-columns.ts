/**
 * Payloads in few bytes. Most differ from each other in their numbers only, so a text becomes a template and its numbers; and a
 * number is written as its difference from one that it resembles. Which one that is, is found out for each place of each template.
 */
import type { VarintReader, VarintWriter } from './varint.ts';

/** What is known of the rows before their texts: where a row is looked for among its like. */
export type KnownColumns = Readonly<Record<'at' | 'kind' | 'node' | 'peer' | 'label', ArrayLike<number>>>;

/** Stands for a whole number, and for the digits behind a decimal point. */
const WHOLE = '\u0001';
const FRACTION = '\u0002';
/** Begins a text that is kept as it is, because it holds one of these marks. */
const LITERAL = '\u0000';
const isMarked = (text: string): boolean => [LITERAL, WHOLE, FRACTION].some((mark) => text.includes(mark));
const DIGITS = /\.(\d{1,14})(?!\d)|(0|[1-9]\d{0,14})(?!\d)|\d+/g;

/** Templates as they travel: their text, and for each of their numbers what it is compared with. */
export interface Templates {
  readonly texts: readonly string[];
  readonly likeness: readonly (readonly Likeness[])[];
}

/** The number before it of the same place: of the template, of the node's, of both nodes'; the instant; the number to its left. */
const LIKENESSES = ['template', 'node', 'pair', 'instant', 'left'] as const;
type Likeness = number;

interface Parsed {
  readonly template: string;
  readonly numbers: readonly number[];
}

function parse(text: string): Parsed {
  if (isMarked(text)) return { template: LITERAL + text, numbers: [] };
  const numbers: number[] = [];
  const template = text.replace(DIGITS, (digits: string, fraction?: string, whole?: string) => {
    if (fraction !== undefined) {
      numbers.push(Number(`1${fraction}`));
      return FRACTION;
    }
    if (whole === undefined) return digits;
    numbers.push(Number(whole));
    return WHOLE;
  });
  return { template, numbers };
}

/** What the numbers of one place are compared with. Used alike by writer and reader, so that both know the same. */
class Likes {
  private readonly likeness: Likeness;
  private readonly known: KnownColumns;
  private readonly before = new Map<number, number>();

  constructor(likeness: Likeness, known: KnownColumns) {
    this.likeness = likeness;
    this.known = known;
  }

  /** `left`: the number before it in the same text. */
  of(i: number, left: number): number {
    if (this.likeness === 3) return this.known.at[i] as number;
    return this.likeness === 4 ? left : (this.before.get(this.key(i)) ?? 0);
  }

  saw(i: number, value: number): void {
    if (this.likeness < 3) this.before.set(this.key(i), value);
  }

  private key(i: number): number {
    if (this.likeness === 0) return 0;
    const node = this.known.node[i] as number;
    return this.likeness === 1 ? node : node * NODES + (this.known.peer[i] as number);
  }
}

/** More than there are, for keys. */
const NODES = 2 ** 20;

/** The template of a text is mostly the one that came last with the same kind and label. */
const placeKey = ({ kind, label }: KnownColumns, i: number): number =>
  (kind[i] as number) + 64 * ((label[i] as number) + 1);

/** `text(i)` is row i's, undefined for none. Appends to `out`. */
export function packDetails(
  out: VarintWriter,
  rows: number,
  known: KnownColumns,
  text: (i: number) => string | undefined,
): Templates {
  const numbersOf = new Map<string, number>();
  const last = new Map<number, number>();
  /** By template: the rows that have it, with their numbers. */
  const used: Used[][] = [];
  for (let i = 0; i < rows; i++) {
    const detail = text(i);
    let number = 0;
    if (detail !== undefined) {
      const { template, numbers } = parse(detail);
      number = numbersOf.get(template) ?? numbersOf.size + 1;
      numbersOf.set(template, number);
      (used[number] ??= []).push({ i, numbers });
    }
    const key = placeKey(known, i);
    out.write(number - (last.get(key) ?? 0));
    last.set(key, number);
  }
  const likeness = [...numbersOf.values()].map((template) => {
    const texts = used[template] ?? [];
    const places = texts[0]?.numbers.length ?? 0;
    return Array.from({ length: places }, (_, place) => packPlace(out, place, texts, known));
  });
  return { texts: [...numbersOf.keys()], likeness };
}

/** A row with a template, and its numbers. */
interface Used {
  readonly i: number;
  readonly numbers: readonly number[];
}

/** Writes all numbers of one place, in the cheapest way. */
function packPlace(out: VarintWriter, place: number, texts: readonly Used[], known: KnownColumns): Likeness {
  let best: { readonly cost: number; readonly likeness: Likeness; readonly differences: readonly number[] } | undefined;
  for (let likeness = 0; likeness < LIKENESSES.length; likeness++) {
    const likes = new Likes(likeness, known);
    const differences = texts.map(({ i, numbers }) => {
      const value = numbers[place] as number;
      const difference = value - likes.of(i, numbers[place - 1] ?? 0);
      likes.saw(i, value);
      return difference;
    });
    const cost = entropy(differences);
    if (best === undefined || cost < best.cost) best = { cost, likeness, differences };
  }
  for (const difference of best?.differences ?? []) out.write(difference);
  return best?.likeness ?? 0;
}

/** Bits that the numbers take when frequent ones are short, and what it takes to say which ones there are. */
function entropy(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let bits = 0;
  for (const [number, count] of counts)
    bits += count * Math.log2(numbers.length / count) + 4 + Math.log2(1 + Math.abs(number));
  return bits;
}

/** Reads back what `packDetails` wrote: texts by row number, from 1. */
export function unpackDetails(
  from: VarintReader,
  rows: number,
  known: KnownColumns,
  { texts, likeness }: Templates,
): Map<number, string> {
  const last = new Map<number, number>();
  const of = new Int32Array(rows);
  const users: number[][] = texts.map(() => []);
  for (let i = 0; i < rows; i++) {
    const key = placeKey(known, i);
    const number = from.read() + (last.get(key) ?? 0);
    last.set(key, number);
    of[i] = number;
    if (number > 0) users[number - 1]?.push(i);
  }
  const details = new Map<number, string>();
  for (const [t, template] of texts.entries()) {
    const at = users[t] as number[];
    const numbers: number[][] = at.map(() => []);
    for (const [place, likes] of (likeness[t] ?? []).entries()) {
      const before = new Likes(likes, known);
      for (const [k, i] of at.entries()) {
        const own = numbers[k] as number[];
        const value = from.read() + before.of(i, own[place - 1] ?? 0);
        before.saw(i, value);
        own.push(value);
      }
    }
    const pieces = piecesOf(template);
    for (const [k, i] of at.entries()) details.set(i + 1, filled(template, pieces, numbers[k] as number[]));
  }
  return details;
}

/** The texts between the marks, and the marks. */
const piecesOf = (template: string): readonly string[] =>
  template.split(WHOLE).flatMap((part, i) => {
    const inner = part.split(FRACTION).flatMap((text, k) => (k === 0 ? [text] : [FRACTION, text]));
    return i === 0 ? inner : [WHOLE, ...inner];
  });

function filled(template: string, pieces: readonly string[], numbers: readonly number[]): string {
  if (template.startsWith(LITERAL)) return template.slice(1);
  let place = 0;
  let text = '';
  for (const piece of pieces) {
    if (piece === WHOLE) text += String(numbers[place++]);
    else if (piece === FRACTION) text += `.${String(numbers[place++]).slice(1)}`;
    else text += piece;
  }
  return text;
}
