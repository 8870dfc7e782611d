/** Sections D and I: the space-time diagram and the list of events, both drawn by the script from the trace. */
import type { RunResult } from '../../sim/result.ts';
import { html, type Markup } from '../markup.ts';
import { headline } from '../headline.ts';
import { counted, instant } from '../quantity.ts';
import { isRecorded, partlyRecorded } from '../recording.ts';

const NEEDS_SCRIPT = html`<noscript
  ><p class="quiet">This part is drawn by the page's own script, which did not run.</p></noscript
>`;

/** What the trace does not have, said before anything is drawn from it. */
export function missingRows(result: RunResult): Markup | '' {
  const { trace } = result;
  if (trace === undefined) return '';
  const truncated =
    trace.omitted === 0
      ? ''
      : html`<p class="warning" role="note">
          <strong>The trace is truncated:</strong> ${counted(trace.omitted, 'event')} did not fit and are missing from
          the diagram and the list.
        </p>`;
  const partly = partlyRecorded(result);
  const window =
    partly === undefined
      ? ''
      : html`<p class="warning" role="note">
          <strong>Only a window was recorded:</strong> ${instant(partly[0])} to ${instant(partly[1])} of
          ${instant(result.engine.reached)}. Outside it the diagram and the list are blank, not idle.
        </p>`;
  return html`${truncated}${window}`;
}

/** `drawn`: there is a trace in the page, or the page can make one. */
export function traceSections(result: RunResult, steps: number, drawn: boolean): Markup {
  if (!drawn) {
    return html`<div class="work is-absent">
      <section id="space-time" aria-labelledby="space-time-title">
        <h2 id="space-time-title">Space-time</h2>
        <p class="quiet">Not recorded: this run kept no trace.</p>
      </section>
      <section id="events" aria-labelledby="events-title">
        <h2 id="events-title">Events</h2>
        <p class="quiet">Not recorded.</p>
      </section>
    </div>`;
  }
  const { at } = headline(result);
  const first = at === undefined || (result.trace !== undefined && !isRecorded(result, at)) ? 'First view' : 'Failure';
  const label = `Space-time diagram: one lane per node, time from left to right, messages as lines, ${counted(steps, 'numbered step')}. The list of events beside it says the same in text.`;
  return html`<div class="work">
    <section id="space-time" aria-labelledby="space-time-title">
      <div class="bar">
        <h2 id="space-time-title">Space-time</h2>
        <div class="tools">
          <button type="button" id="zoom-failure">${first} <kbd>f</kbd></button
          ><button type="button" id="zoom-all">Whole run <kbd>0</kbd></button
          ><button type="button" id="show-past" aria-pressed="false">Causal past <kbd>c</kbd></button
          ><button type="button" id="show-keys" aria-expanded="false" aria-controls="keys">Keys <kbd>?</kbd></button>
        </div>
      </div>
      ${keys()}
      <canvas
        id="minimap"
        role="img"
        aria-label="Activity over the whole run, with the window that the diagram shows"
      ></canvas>
      <canvas id="diagram" role="img" aria-label="${label}"></canvas>
      <div class="bar below">
        <p id="view-said" class="quiet"></p>
        <ul id="legend" class="legend"></ul>
      </div>
      ${NEEDS_SCRIPT}
    </section>
    <section id="events" aria-labelledby="events-title">
      <div class="bar">
        <h2 id="events-title">Events</h2>
        <p id="events-said" class="quiet" role="status"></p>
      </div>
      <input
        type="search"
        id="search"
        placeholder="Search: n1 append dropped"
        aria-label="Search events: every word must occur"
        autocomplete="off"
        spellcheck="false"
      />
      <div id="event-list" role="listbox" tabindex="0" aria-label="Events">
        <div id="event-rows" role="presentation"></div>
      </div>
      <div id="event-detail" aria-live="polite"></div>
    </section>
  </div>`;
}

/** Section E: the states at the selected event. `able`: the page carries the simulator, which knows them. */
export function stateSection(able: boolean): Markup {
  if (!able) {
    return html`<section id="state" aria-labelledby="state-title">
      <h2 id="state-title">State at the cursor</h2>
      <p class="quiet">Not in this page: states come from running again, and it carries no simulator.</p>
    </section>`;
  }
  return html`<section id="state" aria-labelledby="state-title">
    <div class="bar">
      <h2 id="state-title">State at the cursor</h2>
      <p id="state-said" class="quiet" role="status"></p>
      <label class="field"><input type="checkbox" id="state-all" />all fields</label>
    </div>
    <input type="range" id="scrub" min="1" max="1" step="1" aria-label="Event" />
    <div id="state-changes"></div>
    <div id="state-nodes" class="states"></div>
    <div id="state-tracks" class="charts"></div>
    ${NEEDS_SCRIPT}
  </section>`;
}

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['j k', 'next and previous event'],
  ['p n', 'cause and effect of the event'],
  ['c', 'the causal past of the event'],
  ['w s', 'zoom in and out'],
  ['a d', 'move left and right'],
  ['f', 'the failure'],
  ['0', 'the whole run'],
  ['1–7', 'a step of what happened'],
  ['/', 'search events'],
  ['Esc', 'close this'],
];

const keys = (): Markup =>
  html`<dl id="keys" class="keys" hidden>
    ${KEYS.map(
      ([key, meaning]) =>
        html`<div>
          <dt>${key.split(' ').map((k) => html`<kbd>${k}</kbd> `)}</dt>
          <dd>${meaning}</dd>
        </div>`,
    )}
  </dl>`;
