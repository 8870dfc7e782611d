/** Rows of a search's text. */
import type { Paint } from '../text.ts';

/** Names of a list that are shown before the rest is counted. */
const SHOWN = 6;

export const few = (texts: readonly string[]): string => {
  const rest = texts.length - SHOWN;
  return texts.slice(0, SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
};

export const row = (label: string, text: string, paint: Paint, width = 8): string =>
  `    ${paint.dim(label.padEnd(width))} ${text}`;
