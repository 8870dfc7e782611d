/** Section E: every node's state at the selected event, asked of the engine; what this event changed stands first. */
import { printable } from '../markup.ts';
import { clockLines, instantField, ownClock } from '../own-clock.ts';
import { instant } from '../quantity.ts';
import { element, made } from './elements.ts';
import type { Engine } from './engine/engine.ts';
import type { Answer, NodeState, StateField } from './engine/messages.ts';
import { button } from './forms.ts';
import type { Panes } from './panes.ts';
import { Tracks } from './tracks.ts';

export class StatePane {
  readonly #engine: Engine;
  readonly #panes: Panes;
  readonly #all = element('state-all', HTMLInputElement);
  readonly #scrub = element('scrub', HTMLInputElement);
  readonly #tracks: Tracks;
  #asked = '';
  #busy = false;

  constructor(engine: Engine, panes: Panes) {
    this.#engine = engine;
    this.#panes = panes;
    this.#tracks = new Tracks(engine, panes);
    this.#all?.addEventListener('change', () => {
      this.#asked = '';
      void this.#update();
    });
    this.#scrub?.addEventListener('input', () => panes.list.go(Number(this.#scrub?.value ?? 0)));
    panes.store.onChange(() => {
      void this.#update();
      void this.#tracks.renew();
    });
    void this.#update();
  }

  /** Asks for what is selected now; while an answer is awaited later selections replace each other. */
  async #update(): Promise<void> {
    const { stage, store } = this.#panes;
    if (this.#scrub !== undefined) {
      this.#scrub.max = String(Math.max(1, stage.trace.at.length));
      this.#scrub.value = String(store.row);
      this.#scrub.disabled = stage.trace.at.length === 0;
    }
    const since = rowAt(stage.trace.at, store.view.from);
    const asked = `${stage.version}:${store.row}:${since}`;
    if (this.#busy || asked === this.#asked || store.row === 0) return;
    this.#asked = asked;
    this.#busy = true;
    const { row } = store;
    const nodes = stage.page.lanes.map(({ node }) => node);
    try {
      const answer = await this.#engine.ask<'states'>({ name: 'states', which: stage.which, row, since, nodes });
      this.#draw(row, answer);
    } catch (error) {
      this.#say((error as Error).message);
    }
    this.#busy = false;
    void this.#update();
  }

  #say(text: string): void {
    const said = element('state-said', HTMLElement);
    if (said !== undefined) said.textContent = text;
  }

  #draw(row: number, { states, changes, changedBy }: Answer<'states'>): void {
    const { stage, list } = this.#panes;
    const at = stage.trace.at[row - 1] ?? 0;
    const where = stage.page.nodes[stage.trace.node[row - 1] as number] ?? '';
    this.#say(`once event ${row} has happened, at ${instant(at)}`);
    const changed = element('state-changes', HTMLElement);
    changed?.replaceChildren(...changesOf(where, changes, changedBy === row ? 0 : changedBy));
    const cards = states.map((state) => this.#card(state, at, state.node === where));
    element('state-nodes', HTMLElement)?.replaceChildren(...cards);
    for (const link of document.querySelectorAll<HTMLElement>('#state-nodes [data-row]'))
      link.addEventListener('click', () => list.go(Number(link.dataset['row'])));
  }

  #card({ node, changedBy, fields }: NodeState, at: number, here: boolean): HTMLElement {
    const card = made('div', here ? 'state is-here' : 'state');
    const head = made('p', 'state-head');
    const phase = this.#phase(node, at);
    head.append(made('strong', '', printable(node)), ` `, made('span', 'quiet', phase));
    if (changedBy > 0) {
      const link = made('button', 'plain', `changed by ${changedBy}`);
      link.type = 'button';
      link.dataset['row'] = String(changedBy);
      head.append(' ', link);
    }
    card.append(head);
    const own = ownClock(this.#panes.stage.page.lanes.find((lane) => lane.node === node)?.clock, at);
    const list = made('dl', '');
    for (const [name, text] of clockLines(own, at)) list.append(entry(made('dt', '', name), text, 'is-changed'));
    const shown = fields.filter(({ name, changed }) => changed || this.#all?.checked === true || NAMED.test(name));
    for (const field of shown.toSorted((a, b) => namedFirst(a) - namedFirst(b))) {
      const text = instantField(field.name, field.text, own) ?? readable(field.text);
      list.append(entry(this.#term(node, field.name, field.plain), text, field.changed ? 'is-changed' : ''));
    }
    if (list.childElementCount > 0) card.append(list);
    else card.append(made('p', 'quiet', fields.length === 0 ? 'no state' : 'unchanged in this window'));
    return card;
  }

  /** The name of a field; a plain one is followed over time when pressed. */
  #term(node: string, name: string, plain: boolean): HTMLElement {
    const term = made('dt', '');
    if (!plain) term.append(printable(name));
    else {
      const link = button(printable(name), () => void this.#tracks.toggle(node, name), 'plain');
      link.title = 'over time';
      term.append(link);
    }
    return term;
  }

  #phase(node: string, at: number): string {
    const { page, scene } = this.#panes.stage;
    const lane = page.lanes.findIndex((one) => one.node === node);
    return scene.phases[lane]?.findLast((bar) => bar.from <= at)?.phase ?? '';
  }
}

/** What protocols are told by; shown whether it changed or not. */
const NAMED =
  /^(term|epoch|view|ballot|promised\w*|accepted\w*|votedFor|leader|primary|commit\w*|token|highestToken|fence|holder|lease\w*|validUntil|expiresAt|vectors?|versions?|clocks?|stamps?|breaker|mode)$/;

const namedFirst = ({ name }: StateField): number => (NAMED.test(name) ? 0 : 1);

/** Words need no quotes. */
const readable = (json: string): string =>
  json === '""' || json === 'null'
    ? '–'
    : json.replace(/"([A-Za-z_#][\w.:/@#+-]*)"/g, '$1').replace(/([:,])(?=\S)/g, '$1 ');

function entry(term: HTMLElement, text: string, className: string): HTMLElement {
  const line = made('div', className);
  const value = made('dd', '', printable(text));
  value.title = value.textContent ?? '';
  line.append(term, value);
  return line;
}

/** `event`: the one that it came about in, when that is another row. */
function changesOf(node: string, changes: Answer<'states'>['changes'], event: number): HTMLElement[] {
  if (changes.length === 0) return [made('p', 'quiet', 'This event changed no state.')];
  const list = made('ul', 'changes');
  for (const { path, before, after } of changes) {
    const item = made('li', '');
    item.append(
      made('span', 'quiet', `${printable(node)}.`),
      made('strong', '', printable(path)),
      ' ',
      made('del', '', printable(readable(before))),
      ' → ',
      made('ins', '', printable(readable(after))),
    );
    list.append(item);
  }
  return event === 0 ? [list] : [made('p', 'quiet', `It came about in event ${event}, which changed:`), list];
}

/** The last row before an instant, 0 when there is none. */
function rowAt(times: Float64Array, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
