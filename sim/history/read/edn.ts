/**
 * EDN, the notation of Clojure's data, read line by line: numbers, texts, keywords (as text), nil, booleans, vectors, lists,
 * sets (as lists), maps with keyword or text keys, comments, discarded forms; a tag is left out and its value kept. Whole
 * numbers beyond 2^53 become text, so that none are taken for each other.
 */
import { ConfigError } from '../../base/errors.ts';
import { placeOf } from './pairing.ts';

const TOKEN = /[\s,]+|;.*|"(?:\\.|[^"\\])*"|#_|#\{|#[^\s,()[\]{}"]*|[()[\]{}]|\\.[^\s,()[\]{}";]*|[^\s,()[\]{}";]+/y;

const CLOSES: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '#{': '}' };

/** Values may be nested this deep, and texts be this long. */
const DEEPEST = 64;
const LONGEST_TEXT = 1_000_000;

interface Frame {
  readonly opened: string;
  readonly line: number;
  readonly items: unknown[];
  /** Values still to be discarded (#_). */
  discard: number;
}

/** Hands over each value of a text, or each item where the text is one long vector or list, as soon as it is complete. */
export class EdnReader {
  private readonly name: string;
  private readonly found: (value: unknown, line: number) => void;
  private readonly frames: Frame[] = [];
  private number = 0;
  /** A text that goes on in the next line, and where it began. */
  private unfinished = '';
  private began = 0;
  private discard = 0;

  constructor(name: string, found: (value: unknown, line: number) => void) {
    this.name = name;
    this.found = found;
  }

  line(text: string): void {
    this.number++;
    let rest = text;
    if (this.unfinished !== '') rest = `${this.unfinished}\n${text}`;
    else this.began = this.number;
    this.unfinished = '';
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < rest.length) {
      const at = TOKEN.lastIndex;
      const token = TOKEN.exec(rest)?.[0];
      if (token === undefined) {
        this.unfinished = rest.slice(at);
        if (this.unfinished.length > LONGEST_TEXT) throw this.error(this.began, '"', 'a closing "');
        return;
      }
      this.token(token);
      this.began = this.number;
    }
  }

  end(): void {
    if (this.unfinished !== '') throw this.error(this.began, this.unfinished, 'a closing " before the end');
    const frame = this.frames[0];
    if (frame !== undefined)
      throw this.error(frame.line, frame.opened, `a closing ${CLOSES[frame.opened]} before the end`);
    if (this.discard > 0) throw this.error(this.number, '#_', 'a value after it');
  }

  private token(token: string): void {
    const first = token[0] as string;
    if (first === ';' || first === ',' || first.trim() === '') return;
    if (token === '#_') {
      const frame = this.frames.at(-1);
      if (frame === undefined) this.discard++;
      else frame.discard++;
    } else if (token in CLOSES) {
      if (this.frames.length === DEEPEST) throw this.error(this.number, token, `at most ${DEEPEST} levels`);
      this.frames.push({ opened: token, line: this.began, items: [], discard: 0 });
    } else if (token === ']' || token === ')' || token === '}') this.close(token);
    else if (first !== '#') this.value(this.atom(token, first), this.began);
    else if (token.startsWith('##')) this.value(token.slice(2), this.began);
  }

  private close(token: string): void {
    const frame = this.frames.pop();
    if (frame === undefined || CLOSES[frame.opened] !== token) {
      const expected =
        frame === undefined
          ? 'an opening bracket before'
          : `${CLOSES[frame.opened]}, for the ${frame.opened} of line ${frame.line}`;
      throw this.error(this.number, token, expected);
    }
    if (frame.discard > 0) throw this.error(this.number, token, 'a value after #_');
    const isStream = this.frames.length === 0 && this.streams(frame);
    if (!isStream) this.value(frame.opened === '{' ? this.map(frame) : frame.items, frame.line);
  }

  private map({ items, line }: Frame): unknown {
    if (items.length % 2 === 1) throw this.error(line, '{', 'a value for every key');
    const entries: [string, unknown][] = [];
    for (let i = 0; i < items.length; i += 2) entries.push([String(items[i]), items[i + 1]]);
    return Object.fromEntries(entries);
  }

  private atom(token: string, first: string): unknown {
    if (first === '"') return this.text(token);
    if (first === ':') return token.slice(1);
    if (first === '\\') return token.slice(1);
    if (token === 'nil') return null;
    if (token === 'true' || token === 'false') return token === 'true';
    if (!/^[-+]?\d/.test(token)) return token;
    const number = Number(token.replace(/[MN]$/, ''));
    if (Number.isNaN(number)) throw this.error(this.number, token, 'a number');
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? token : number;
  }

  private text(token: string): string {
    try {
      return JSON.parse(token.replaceAll('\n', String.raw`\n`).replaceAll('\t', String.raw`\t`)) as string;
    } catch {
      throw this.error(this.began, token, 'a text with known escapes');
    }
  }

  private value(value: unknown, line: number): void {
    const frame = this.frames.at(-1);
    if (frame === undefined) {
      if (this.discard > 0) this.discard--;
      else this.found(value, line);
    } else if (frame.discard > 0) frame.discard--;
    else if (this.frames.length === 1 && this.streams(frame)) this.found(value, line);
    else frame.items.push(value);
  }

  private streams({ opened }: Frame): boolean {
    return this.discard === 0 && (opened === '[' || opened === '(');
  }

  private error(line: number, got: unknown, expected: string): ConfigError {
    return new ConfigError(placeOf(this.name, line), got, expected);
  }
}

/** The values of one text, at the top level or in the one vector or list that it is. */
export function readEdn(text: string, name = 'EDN'): unknown[] {
  const values: unknown[] = [];
  const reader = new EdnReader(name, (value) => values.push(value));
  for (const line of text.split('\n')) reader.line(line);
  reader.end();
  return values;
}
