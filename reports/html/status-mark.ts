import type { Status } from '../../sim/check/verdict.ts';
import { html, type Markup } from '../markup.ts';

const MARKS: Readonly<Record<Status, readonly [symbol: string, word: string]>> = {
  held: ['✓', 'held'],
  violated: ['✗', 'violated'],
  undecided: ['?', 'undecided'],
};

/** Symbol, word and colour: never colour alone. */
export function statusMark(status: Status): Markup {
  const [symbol, word] = MARKS[status];
  return html`<span class="mark ${status}"><span aria-hidden="true">${symbol}</span> ${word}</span>`;
}

/** Whether the scenario's expectation is met. */
export const expectationMark = (met: boolean): Markup =>
  met
    ? html`<span class="mark held"><span aria-hidden="true">✓</span> as expected</span>`
    : html`<span class="mark violated"><span aria-hidden="true">✗</span> not as expected</span>`;
