/** Changing the past: the reader's edits become a plan, the plan a run, the run what the page shows. */
import type { Repro } from '../../sim/repro.ts';
import type { TraceOptions } from '../../sim/trace/trace.ts';
import { editTexts, faultsOf, typed, withFaultField, withFaultSwitched, withWindow } from '../edits.ts';
import { ConfigError } from '../../sim/base/errors.ts';
import { durationText, parseDuration } from '../../sim/base/time.ts';
import type { PageData } from '../page-data.ts';
import { type Plan, planOf } from '../plan.ts';
import { failureRow } from './controls.ts';
import { made } from './elements.ts';
import type { Engine } from './engine/engine.ts';
import type { Answer, Became, Outcome, ParamForm, Shown, Which } from './engine/messages.ts';
import { faultTable } from './fault-table.ts';
import { button, field } from './forms.ts';
import { findNecessity } from './necessity.ts';
import type { Panes } from './panes.ts';
import { writeParts } from './written-parts.ts';
import { becameOf, comparison } from './verdicts.ts';
import { download } from './download.ts';

export interface PastParts {
  readonly engine: Engine;
  readonly panes: Panes;
  readonly repro: Repro;
  readonly record: TraceOptions;
  /** The recorded run, as this page ran it again. */
  readonly outcome: Outcome;
  /** What becomes of the recorded run without a fault, where that is known. */
  readonly known: ReadonlyMap<string, Became>;
  /** Shows the recorded run once more. */
  readonly restore: () => Promise<Shown>;
  /** One line on what the page shows. */
  say(text: string, className: string): void;
}

type Changed = Answer<'run'>;

const HINT = 'Untick a fault, or move its window here or in the diagram: the page runs what happens then.';

export class Past {
  readonly #parts: PastParts;
  readonly #base: Plan;
  readonly #recorded: PageData;
  readonly #open = new Set<string>();
  #now: Plan;
  #forms: readonly ParamForm[] = [];
  #changed: Changed | undefined;
  #comparison: HTMLElement | undefined;
  #error: string | undefined;
  #without: ReadonlyMap<string, Became> | undefined;
  #running = false;
  #next: Plan | undefined;

  constructor(parts: PastParts) {
    this.#parts = parts;
    this.#base = this.#now = planOf(parts.repro);
    this.#recorded = parts.panes.stage.page;
    parts.panes.onWindow((id, at, until) => this.#change(withWindow(this.#now, id, at, until)));
    void this.#begin();
  }

  async #begin(): Promise<void> {
    const { params } = await this.#parts.engine.ask<'describe'>({ name: 'describe', scenario: this.#base.scenario });
    this.#forms = params;
    this.draw();
    // The forms have taken room.
    this.#parts.panes.fit();
    const { engine, outcome, repro, known } = this.#parts;
    const { property } = this.#recorded;
    if (property === undefined || outcome.status !== 'violated' || outcome.digest !== repro.digest) return;
    const found = (without: ReadonlyMap<string, Became>): void => {
      this.#without = new Map(without);
      this.#drawFaults();
    };
    await findNecessity({ engine, plan: this.#base, property, elapsedMs: outcome.elapsedMs, known, found });
    this.#parts.panes.fit();
  }

  get #edits(): readonly string[] {
    const durations = this.#forms.filter(({ kind }) => kind === 'duration').map(({ name }) => name);
    return editTexts(this.#base, this.#now, durations);
  }

  #change(plan: Plan): void {
    this.#now = plan;
    if (this.#edits.length === 0) {
      void this.#reset();
      return;
    }
    this.#next = plan;
    this.draw();
    if (!this.#running) void this.#run();
  }

  /** Runs the newest plan; those in between are skipped. */
  async #run(): Promise<void> {
    const { engine, record, say } = this.#parts;
    this.#running = true;
    while (this.#next !== undefined) {
      const plan = this.#next;
      this.#next = undefined;
      say('Running the changed past …', 'quiet');
      this.draw();
      try {
        const changed = await engine.ask<'run'>({ name: 'run', which: 'changed', plan, record, show: true });
        const { parting } = await engine.ask<'compare'>({ name: 'compare' });
        if (this.#next === undefined) this.#show(changed, parting);
      } catch (error) {
        this.#fail((error as Error).message);
      }
    }
    this.#running = false;
    this.draw();
  }

  #show(changed: Changed, parting: Answer<'compare'>['parting']): void {
    const { panes, outcome, say } = this.#parts;
    this.#changed = changed;
    this.#error = undefined;
    const show = (row: number): void => panes.list.go(row);
    this.#comparison = comparison({
      recorded: outcome,
      changed: changed.outcome,
      edits: this.#edits,
      parting,
      show,
    });
    const { store } = panes;
    const parted = parting?.second;
    const inView = parted !== undefined && parted.at >= store.view.from && parted.at <= store.view.to;
    if (changed.shown !== undefined) this.#stage('changed', changed.shown, inView ? parted.row : undefined);
    const { text, look } = becameOf(outcome, changed.outcome);
    say(`You are looking at a changed past: ${text}`, `mark ${look}`);
  }

  /** The window stays where it is, so that the reader sees what is different there. */
  #stage(which: Which, shown: Shown, row = failureRow(shown.page)): void {
    const { stage, store } = this.#parts.panes;
    stage.show(which, shown.page, shown.trace);
    writeParts(shown.parts);
    store.row = row;
    this.#parts.panes.renew();
  }

  #fail(message: string): void {
    this.#error = message;
    this.#parts.say('The changed past cannot be run: see below the faults.', 'mark violated');
  }

  async #reset(): Promise<void> {
    this.#now = this.#base;
    this.#next = undefined;
    this.#changed = this.#comparison = this.#error = undefined;
    this.#stage('recorded', await this.#parts.restore());
    this.draw();
  }

  /** The table of faults and the forms, as the edits stand. */
  draw(): void {
    this.#drawFaults();
    const root = document.getElementById('past');
    if (root === null) return;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.getAttribute('name') : null;
    root.replaceChildren(...this.#pastChildren());
    if (focused !== null && focused !== '') document.getElementsByName(focused)[0]?.focus();
  }

  #drawFaults(): void {
    if (faultsOf(this.#base).length === 0) return;
    const frame = tableFrame();
    if (frame === undefined) return;
    const { page } = this.#parts.panes.stage;
    const focused = document.activeElement instanceof HTMLElement ? { ...document.activeElement.dataset } : {};
    const table = faultTable({
      base: this.#base,
      now: this.#now,
      outcomes: page.faults,
      recorded: this.#recorded.faults,
      ...(this.#recorded.failedAt === undefined ? {} : { partTitle: 'at the failure' }),
      ...(this.#without === undefined ? {} : { without: this.#without }),
      open: this.#open,
      toggle: (id) => {
        if (!this.#open.delete(id)) this.#open.add(id);
        this.draw();
      },
      switched: (id, on) => this.#change(withFaultSwitched(this.#now, this.#base, id, on)),
      changed: (id, name, value) => this.#change(withFaultField(this.#now, id, name, value)),
    });
    frame.replaceChildren(table);
    this.#title();
    for (const name of ['fault', 'edit'] as const) {
      const id = focused[name];
      if (id !== undefined) table.querySelector<HTMLElement>(`[data-${name}="${CSS.escape(id)}"]`)?.focus();
    }
  }

  /** `Faults: 2 of 6 are needed`, once that is known of all. */
  #title(): void {
    const title = document.getElementById('faults-title');
    const all = faultsOf(this.#base).length;
    if (title === null || this.#without?.size !== all) return;
    const needed = [...this.#without.values()].filter(
      (became) => became === 'passes' || became === 'other failure',
    ).length;
    title.textContent = `Faults: ${needed} of ${all} ${needed === 1 ? 'is' : 'are'} needed for this failure`;
  }

  #pastChildren(): HTMLElement[] {
    const children: HTMLElement[] = [];
    if (this.#error !== undefined) children.push(made('p', 'warning', this.#error));
    if (this.#running) children.push(this.#under());
    else if (this.#comparison !== undefined) children.push(this.#comparison);
    if (this.#edits.length > 0) children.push(this.#buttons());
    else if (faultsOf(this.#base).length > 0) children.push(made('p', 'quiet hint', HINT));
    children.push(this.#details());
    return children;
  }

  #under(): HTMLElement {
    const line = made('p', 'quiet', 'Running … ');
    line.append(button('Stop', () => void this.#stop()));
    return line;
  }

  /** The engine forgets everything: the recorded run is run again, for what is asked of it later. */
  async #stop(): Promise<void> {
    const { engine, record } = this.#parts;
    this.#next = undefined;
    engine.stop();
    await engine.ask<'run'>({ name: 'run', which: 'recorded', plan: this.#base, record, show: false });
  }

  #buttons(): HTMLElement {
    const bar = made('div', 'tools');
    bar.append(button('Reset to the recorded run', () => void this.#reset()));
    const { repro } = this.#changed ?? {};
    if (repro !== undefined && !this.#running) {
      const { file, code } = this.#parts.repro;
      const whole = { ...repro, ...(file === undefined ? {} : { file }), ...(code === undefined ? {} : { code }) };
      const name = `${repro.scenario}-changed.repro.json`;
      bar.append(button('Download this as a repro', () => download(name, `${JSON.stringify(whole, null, 2)}\n`)));
    }
    return bar;
  }

  /** Seed and parameters. */
  #details(): HTMLElement {
    const details = made('details', 'seed-and-parameters');
    details.open = document.querySelector<HTMLDetailsElement>('.seed-and-parameters')?.open === true;
    details.append(made('summary', '', 'Seed and parameters'));
    const frame = made('div', 'form');
    frame.append(
      field({
        label: 'seed',
        name: 'past.seed',
        value: this.#now.seed,
        kind: 'text',
        changed: (seed) => this.#change({ ...this.#now, seed }),
      }),
      ...this.#forms.map((form) => this.#paramField(form)),
    );
    details.append(frame);
    return details;
  }

  #paramField({ name, kind, doc, choices }: ParamForm): HTMLElement {
    const value = this.#now.params[name];
    const text = kind === 'duration' && typeof value === 'number' ? durationText(value) : String(value);
    const read = (word: string): unknown =>
      kind === 'duration'
        ? durationOf(word)
        : kind === 'text' || kind === 'choice'
          ? word
          : typed(word, this.#base.params[name]);
    return field({
      label: name,
      name: `past.${name}`,
      value: text,
      kind: kind === 'flag' ? 'flag' : choices === undefined ? 'text' : 'choice',
      ...(choices === undefined ? {} : { choices }),
      doc,
      changed: (word) => this.#change({ ...this.#now, params: { ...this.#now.params, [name]: read(word) } }),
    });
  }
}

/** In µs; what cannot be read goes to the engine as it is, which says why. */
function durationOf(word: string): unknown {
  try {
    return parseDuration(/^\d+(\.\d+)?$/.test(word.trim()) ? `${word.trim()}s` : word, 'duration');
  } catch (error) {
    if (error instanceof ConfigError) return word;
    throw error;
  }
}

/** Where the table of faults stands; without any fault left there is none, and it is made. */
function tableFrame(): Element | undefined {
  const section = document.getElementById('faults');
  const found = section?.querySelector('.table-frame');
  if (section === null || found instanceof Element) return found ?? undefined;
  const frame = made('div', 'table-frame');
  section.querySelector('p')?.remove();
  section.append(frame);
  return frame;
}
