import { escapeMarkup } from '../markup.ts';

/** Escaped for HTML, then for the marks of Markdown itself. */
export const md = (text: string): string => escapeMarkup(text).replace(/[\\`*_{}[\]#|~]/g, '\\$&');

export const code = (text: string): string => `<code>${md(text)}</code>`;
