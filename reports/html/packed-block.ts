/** What a page carries for its script: elements that are not run and hold text or packed bytes. `reports/page/unpack.ts` reads them. */
import { inScript, Markup, scriptJson } from '../markup.ts';
import { septetText } from '../packing/septets.ts';

/** Gzip, where the host has one. */
export type Compress = ((bytes: Uint8Array) => Uint8Array) | undefined;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const block = (id: string, encoding: string, content: string): Markup =>
  new Markup(`<script type="text/plain" id="${id}" data-encoding="${encoding}">${content}</script>\n`);

export const bytesBlock = (
  id: string,
  bytes: Uint8Array,
  compress: Compress,
  encoding = compress === undefined ? 'septets' : 'gzip-septets',
): Markup => block(id, encoding, septetText(compress === undefined ? bytes : compress(bytes)));

export const textBlock = (id: string, json: string, compress: Compress): Markup =>
  compress === undefined ? block(id, 'text', inScript(json)) : bytesBlock(id, utf8(json), compress);

/** JSON as it is; other programs read it too. */
export const jsonBlock = (id: string, value: unknown): Markup =>
  new Markup(`<script type="application/json" id="${id}">${scriptJson(value)}</script>\n`);
