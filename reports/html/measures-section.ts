/** Section G: latency, rate and goodput, queue lengths. The table is plain HTML; the charts are drawn by the script. */
import type { RunResult } from '../../sim/result.ts';
import { latencyTable, type LatencyRow } from '../charts.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { grouped, length } from '../quantity.ts';
import { statesPart } from './states-part.ts';

export function measuresSection(result: RunResult): Markup {
  if (result.operations.length === 0) {
    return html`<section id="measures" aria-labelledby="measures-title">
      <h2 id="measures-title">Latency and load</h2>
      <p class="quiet">No client recorded operations.</p>
      ${statesPart(result)}
      <div id="charts" class="charts"></div>
    </section>`;
  }
  return html`<section id="measures" aria-labelledby="measures-title">
    <h2 id="measures-title">Latency and load</h2>
    ${statesPart(result)}
    <div id="charts" class="charts"></div>
    <div class="table-frame">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col">operation</th>
            ${['ok', 'refused', 'unknown', 'p50', 'p95', 'p99', 'max'].map((name) => html`<th scope="col" class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${latencyTable(result.operations).map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row({ f, ok, fail, info, p50, p95, p99, max }: LatencyRow): Markup {
  const times = [p50, p95, p99, max].map((us) => (ok === 0 ? '–' : length(Math.round(us))));
  const cells = [ok, fail, info].map(grouped).concat(times);
  return html`<tr>
    <th scope="row">${isolated(f)}</th>
    ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
  </tr> `;
}
