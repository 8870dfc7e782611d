/** The recorded run and what its reader has made of it, side by side, and the first event that differs. */
import type { Parting } from '../first-difference.ts';
import { clipped, printable } from '../markup.ts';
import { grouped, instant } from '../quantity.ts';
import { made } from './elements.ts';
import type { Outcome } from './engine/messages.ts';

/** A verdict in a few words, with the class of its colour. */
export interface Said {
  readonly text: string;
  readonly look: 'held' | 'violated' | 'undecided';
}

const WORDS = { held: '✓ holds', violated: '✗ violated', undecided: '? undecided' } as const;

/** `✗ violated: linearizable`. */
const verdictOf = ({ status, check }: Outcome): Said => ({
  text: check === undefined ? WORDS[status] : `${WORDS[status]}: ${printable(check)}`,
  look: status,
});

/** What has become of the property that the recorded run violated. */
export function becameOf(recorded: Outcome, changed: Outcome): Said {
  const property = recorded.status === 'violated' ? recorded.check : undefined;
  if (property === undefined) return verdictOf(changed);
  const { violated, undecided, neverHappened } = changed;
  const name = printable(property);
  if (violated.includes(property)) return { text: `✗ still violated: ${name}`, look: 'violated' };
  if (undecided.includes(property)) return { text: `? undecided: ${name}`, look: 'undecided' };
  if (violated.length > 0) {
    return { text: `✗ another failure: ${printable(violated.join(', '))}; holds: ${name}`, look: 'violated' };
  }
  // What has to happen once need not happen in every run.
  const remark = neverHappened.length === 0 ? '' : ` (never happened here: ${printable(neverHappened.join(', '))})`;
  return { text: `✓ holds: ${name}${remark}`, look: 'held' };
}

export interface Compared {
  readonly recorded: Outcome;
  readonly changed: Outcome;
  readonly edits: readonly string[];
  readonly parting: Parting | undefined;
  /** Shows a row of the changed run. */
  show(row: number): void;
}

export function comparison({ recorded, changed, edits, parting, show }: Compared): HTMLElement {
  const frame = made('div', 'compared');
  frame.append(
    side('Recorded', verdictOf(recorded), '', recorded),
    side('Changed', becameOf(recorded, changed), edits.map(printable).join('; '), changed),
    difference(recorded, changed, parting, show),
  );
  return frame;
}

function side(title: string, said: Said, remark: string, outcome: Outcome): HTMLElement {
  const box = made('div', `side is-${said.look}`);
  const head = made('p', '');
  head.append(made('span', 'quiet', `${title} `), made('span', 'edits', remark));
  const facts = `digest ${outcome.digest} · ${grouped(outcome.events)} events`;
  box.append(head, made('p', `mark ${said.look}`, said.text));
  box.append(made('p', 'said', clipped(printable(outcome.sentence), 600)), made('p', 'quiet facts-line', facts));
  return box;
}

function difference(
  recorded: Outcome,
  changed: Outcome,
  parting: Parting | undefined,
  show: (row: number) => void,
): HTMLElement {
  const box = made('div', 'parting');
  if (parting === undefined) {
    const same = recorded.digest === changed.digest;
    box.append(made('p', 'quiet', same ? 'The same run, event by event.' : 'No recorded event differs.'));
    return box;
  }
  const { first, second, same } = parting;
  const at = Math.min(first?.at ?? Infinity, second?.at ?? Infinity);
  const head = made('p', '');
  head.append(`First difference at ${instant(at)} `, made('span', 'quiet', `after ${grouped(same)} equal events`));
  if (second !== undefined) {
    const jump = made('button', 'plain', 'show');
    jump.type = 'button';
    jump.addEventListener('click', () => show(second.row));
    head.append(' ', jump);
  }
  box.append(head, told('recorded', first), told('changed', second));
  return box;
}

function told(which: string, event: Parting['first']): HTMLElement {
  const line = made('p', 'mono');
  const text = event === undefined ? 'nothing more' : `${instant(event.at)}  ${shortened(event.text)}`;
  line.append(made('span', 'quiet', `${which}  `), text);
  return line;
}

const shortened = (text: string): string => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
