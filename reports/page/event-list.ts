/**
 * The list of events: only the rows on the screen exist. It follows the selection, and its keys move the selection.
 * Browsers collapse elements beyond about 17 million pixels, so the scroll of a very long list is scaled.
 */
import { grouped, instant } from '../quantity.ts';
import type { PageData } from '../page-data.ts';
import { clipped } from '../markup.ts';
import { rowText } from '../row-text.ts';
import type { TraceKind } from '../../sim/trace/trace.ts';
import type { PageTrace } from '../trace-columns.ts';
import { element, made } from './elements.ts';
import type { Stage } from './stage.ts';
import type { Store } from './store.ts';

const ROW = 22;
const TALLEST = 12_000_000;
const OVERSCAN = 8;
const LONGEST_TRAIL = 8;

const shortened = (text: string): string => (text.length > 34 ? `${text.slice(0, 33)}…` : text);

export class EventList {
  readonly #stage: Stage;
  readonly #store: Store;
  readonly #list = element('event-list', HTMLElement) as HTMLElement;
  readonly #rows = element('event-rows', HTMLElement) as HTMLElement;
  #steps: ReadonlyMap<number, number> = new Map();
  #strong: ReadonlySet<number> = new Set();
  #failureRow = 0;
  /** Rows that match the search, in order. */
  #matching = new Int32Array(0);
  #searched = '';
  #texts: string[] | undefined;
  #firstEffect: Int32Array | undefined;
  #followed = -1;
  #missed: number | undefined;

  constructor(stage: Stage, store: Store) {
    this.#stage = stage;
    this.#store = store;
    this.renew();
    this.#list.addEventListener('scroll', () => this.draw(), { passive: true });
    this.#list.addEventListener('click', (event) => {
      const row = Number((event.target as Element).closest<HTMLElement>('.event')?.dataset['row'] ?? 0);
      if (row > 0) this.go(row);
    });
  }

  /** Another run is on the stage. */
  renew(): void {
    const { page, trace } = this.#stage;
    this.#steps = new Map(page.steps.filter((step) => step.row > 0).map((step) => [step.row, step.number]));
    this.#strong = new Set(page.highlighted);
    this.#failureRow = page.steps.find((step) => step.kind === 'violation')?.row ?? 0;
    this.#matching = Int32Array.from({ length: trace.at.length }, (_, i) => i + 1);
    this.#texts = undefined;
    this.#firstEffect = undefined;
    this.#followed = -1;
    if (this.#searched !== '') this.search(this.#searched);
  }

  get #page(): PageData {
    return this.#stage.page;
  }

  get #trace(): PageTrace {
    return this.#stage.trace;
  }

  /** What one row says. */
  text(row: number): string {
    const trace = this.#trace;
    const i = row - 1;
    const name = (column: Int32Array): string => this.#page.nodes[column[i] as number] ?? '';
    return rowText({
      at: trace.at[i] as number,
      kind: (trace.kinds[trace.kind[i] as number] ?? 'none') as TraceKind,
      node: name(trace.node),
      peer: name(trace.peer),
      label: trace.strings[trace.label[i] as number] ?? '',
      detail: trace.detail.get(row),
    });
  }

  /** Selects a row and brings it into every pane. */
  go(row: number): void {
    if (row < 1 || row > this.#trace.at.length) return;
    this.#store.select(row);
    this.#store.reveal(this.#trace.at[row - 1] as number);
  }

  /** Every word must occur, in any order; case does not matter. */
  search(words: string): void {
    const wanted = words
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    this.#searched = wanted.join(' ');
    const all = Array.from({ length: this.#trace.at.length }, (_, i) => i + 1);
    if (wanted.length > 0) {
      this.#texts ??= all.map((row) => this.text(row).toLowerCase());
      const texts = this.#texts;
      this.#matching = Int32Array.from(
        all.filter((row) => wanted.every((word) => (texts[row - 1] as string).includes(word))),
      );
    } else this.#matching = Int32Array.from(all);
    this.#followed = -1;
    this.update();
  }

  /** The next (1) or previous (−1) matching row. */
  step(direction: 1 | -1): void {
    const place = this.#placeOf(this.#store.row || this.#rowAt((this.#store.view.from + this.#store.view.to) / 2));
    const exact = this.#matching[place] === this.#store.row;
    const next = this.#matching[direction > 0 && !exact ? place : place + direction];
    if (next !== undefined) this.go(next);
  }

  cause(): void {
    const cause = this.#trace.cause[this.#store.row - 1] ?? 0;
    if (cause > 0) this.go(cause);
  }

  effect(): void {
    const effect = this.#effectOf(this.#store.row);
    if (effect > 0) this.go(effect);
  }

  #effectOf(row: number): number {
    const { cause } = this.#trace;
    if (this.#firstEffect === undefined) {
      this.#firstEffect = new Int32Array(cause.length + 1);
      for (let i = cause.length - 1; i >= 0; i--) this.#firstEffect[cause[i] as number] = i + 1;
    }
    return row === 0 ? 0 : (this.#firstEffect[row] ?? 0);
  }

  /** Redraws after a change of the selection; scrolls only if it is another row than before. */
  update(): void {
    if (this.#store.row !== this.#followed || this.#store.missing !== this.#missed) {
      this.#followed = this.#store.row;
      this.#missed = this.#store.missing;
      this.#scrollTo(this.#placeOf(this.#store.row || this.#rowAt(this.#page.failedAt ?? 0)));
      this.#drawDetail();
    }
    this.draw();
  }

  /** The first row at or after an instant. */
  #rowAt(at: number): number {
    const i = this.#trace.at.findIndex((time) => time >= at);
    return i < 0 ? this.#trace.at.length : i + 1;
  }

  /** Place of the first matching row at or after `row`. */
  #placeOf(row: number): number {
    let low = 0;
    let high = this.#matching.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#matching[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get #height(): number {
    return Math.min(TALLEST, this.#matching.length * ROW);
  }

  /** First visible place, as a fraction of a row, for the present scroll. */
  #topPlace(): number {
    const list = this.#list;
    const whole = this.#matching.length * ROW;
    if (whole <= TALLEST) return list.scrollTop / ROW;
    const share = list.scrollTop / Math.max(1, this.#height - list.clientHeight);
    return (share * (whole - list.clientHeight)) / ROW;
  }

  #scrollTo(place: number): void {
    const list = this.#list;
    const visible = list.clientHeight / ROW;
    const top = this.#topPlace();
    if (place >= top + 1 && place <= top + visible - 2) return;
    const target = Math.max(0, place - visible / 2);
    const whole = this.#matching.length * ROW;
    this.#rows.style.height = `${this.#height}px`;
    if (whole <= TALLEST) list.scrollTop = target * ROW;
    else list.scrollTop = ((target * ROW) / (whole - list.clientHeight)) * (this.#height - list.clientHeight);
  }

  draw(): void {
    const top = this.#topPlace();
    const first = Math.max(0, Math.floor(top) - OVERSCAN);
    const last = Math.min(this.#matching.length, Math.ceil(top + this.#list.clientHeight / ROW) + OVERSCAN);
    this.#rows.style.height = `${this.#height}px`;
    const children: HTMLElement[] = [];
    for (let place = first; place < last; place++) {
      const child = this.#rowElement(this.#matching[place] as number, place);
      // From the scroll itself, so that a scaled list shows whole rows too.
      child.style.top = `${this.#list.scrollTop + (place - top) * ROW}px`;
      children.push(child);
    }
    this.#rows.replaceChildren(...children);
    const selected = children.find((child) => child.getAttribute('aria-selected') === 'true');
    if (selected === undefined) this.#list.removeAttribute('aria-activedescendant');
    else this.#list.setAttribute('aria-activedescendant', selected.id);
    const said = element('events-said', HTMLElement);
    const [found, all] = [this.#matching.length, this.#trace.at.length];
    const text = this.#searched === '' ? `${grouped(all)} events` : `${grouped(found)} of ${grouped(all)} events`;
    if (said !== undefined && said.textContent !== text) said.textContent = text;
  }

  #rowElement(row: number, place: number): HTMLElement {
    const kind = this.#trace.kinds[this.#trace.kind[row - 1] as number] ?? 'none';
    const shape = kind.startsWith('fault') ? 'fault' : kind;
    const child = made('div', `event ${shape}`);
    child.id = `event-${row}`;
    child.dataset['row'] = String(row);
    child.setAttribute('role', 'option');
    child.setAttribute('aria-selected', String(row === this.#store.row));
    child.setAttribute('aria-setsize', String(this.#matching.length));
    child.setAttribute('aria-posinset', String(place + 1));
    if (this.#strong.has(row)) child.classList.add('strong');
    if (row === this.#failureRow) child.classList.add('violation');
    child.append(
      made('span', 'at', ((this.#trace.at[row - 1] as number) / 1e6).toFixed(4)),
      made('span', 'text', clipped(this.text(row), 400)),
    );
    const step = this.#steps.get(row);
    if (step !== undefined) child.append(made('span', 'badge', String(step)));
    return child;
  }

  #nothingSelected(): HTMLElement {
    const { missing } = this.#store;
    const { recorded } = this.#page;
    if (missing === undefined || recorded === undefined) return made('p', 'quiet', 'No event selected.');
    const [from, to] = recorded.map(instant);
    return made('p', 'warning', `${instant(missing)}: not recorded here. The trace covers ${from} to ${to}.`);
  }

  /** The whole of the selected event, with its cause and its effect. */
  #drawDetail(): void {
    const detail = element('event-detail', HTMLElement);
    const row = this.#store.row;
    if (detail === undefined) return;
    if (row === 0) {
      detail.replaceChildren(this.#nothingSelected());
      return;
    }
    const links = made('div', 'links');
    for (const [name, key, target] of [
      ['Cause', 'p', this.#trace.cause[row - 1] ?? 0],
      ['Effect', 'n', this.#effectOf(row)],
    ] as const) {
      const button = made('button', '', `${name} `);
      button.type = 'button';
      button.disabled = target === 0;
      button.append(made('kbd', '', key));
      button.addEventListener('click', () => this.go(target));
      links.append(button);
    }
    const head = made('span', 'quiet', `event ${row} · ${instant(this.#trace.at[row - 1] as number)}`);
    detail.replaceChildren(links, head, made('pre', '', clipped(this.text(row), 20_000)), this.#trail(row));
  }

  /** What caused it, back across messages, timers and faults, as far as it fits. */
  #trail(row: number): HTMLElement {
    const trail = made('p', 'trail quiet');
    let at = this.#trace.cause[row - 1] ?? 0;
    for (let steps = 0; at > 0 && steps < LONGEST_TRAIL; steps++) {
      const target = at;
      const link = made('button', 'plain', shortened(this.text(at)));
      link.type = 'button';
      link.addEventListener('click', () => this.go(target));
      trail.append(steps === 0 ? 'because ' : ' ← ', link);
      at = this.#trace.cause[at - 1] ?? 0;
    }
    if (at > 0) trail.append(' ← …');
    return trail;
  }
}
