/**
 * Text made harmless. Names, payloads and messages come from scenarios and may hold anything: markup, terminal escapes, marks
 * that reverse the reading direction. `printable` shows what is invisible; the `html` tag escapes every value that is not
 * Markup already, so that forgetting to escape is not possible.
 */

/** Controls, format characters (bidi marks, zero-width, BOM), lone surrogates, line and paragraph separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One line in which every invisible character is written out: `\n`, `\t`, `\u{202e}`. */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (mark) => {
    if (mark === '\n') return '\\n';
    if (mark === '\t') return '\\t';
    return `\\u{${(mark.codePointAt(0) as number).toString(16)}}`;
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Printable, with the five characters that mean something in HTML and XML escaped. */
export const escapeMarkup = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** HTML that has been escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type MarkupValue = Markup | string | number | readonly (Markup | string | number)[] | undefined | false;

const write = (value: MarkupValue): string => {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escapeMarkup(value);
  if (typeof value === 'number') return String(value);
  return value.map(write).join('');
};

/** Indentation is for the reader of the source: any run of white space with a line break in it is one line break. */
const unindented = (text: string): string => text.replace(/\s*\n\s*/g, '\n');

/** A template whose values are escaped unless they are Markup; arrays are joined, undefined and false are left out. */
export function html(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = unindented(strings[0] as string);
  for (const [i, value] of values.entries()) text += write(value) + unindented(strings[i + 1] as string);
  return new Markup(text);
}

/** As much of a text as a reader can use; what is left out is said. */
export const clipped = (text: string, most = 2_000): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;

/** Foreign text, kept from changing the reading direction of what surrounds it, and from flooding it. */
export const isolated = (text: string): Markup => html`<bdi>${clipped(text)}</bdi>`;

/** JSON text that can stand inside a `<script>` element: nothing in it ends the element or turns the direction of the source. */
export const inScript = (json: string): string =>
  json.replace(/[<\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (mark) =>
    Array.from({ length: mark.length }, (_, i) => `\\u${mark.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );

export const scriptJson = (value: unknown): string => inScript(JSON.stringify(value));
