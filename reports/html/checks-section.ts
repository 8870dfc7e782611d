/** Every check and its verdict. */
import type { Verdict } from '../../sim/check/verdict.ts';
import type { RunResult } from '../../sim/result.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { grouped } from '../quantity.ts';
import { statusMark } from './status-mark.ts';

export function checksSection({ verdicts, expectation }: RunResult): Markup {
  if (verdicts.length === 0) {
    return html`<section id="checks" aria-labelledby="checks-title">
      <h2 id="checks-title">Checks</h2>
      <p class="warning">No check was asked: this run proves nothing.</p>
    </section>`;
  }
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks</h2>
    <p class="quiet remark">Expected: ${isolated(expectation.text)} – ${isolated(expectation.why)}</p>
    <div class="table-frame">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col">verdict</th>
            <th scope="col">check</th>
            <th scope="col">kind</th>
            <th scope="col">what was found</th>
          </tr>
        </thead>
        <tbody>
          ${verdicts.map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

const row = ({ status, check, kind, message, steps }: Verdict): Markup =>
  html`<tr>
    <td>${statusMark(status)}</td>
    <th scope="row">${isolated(check)}</th>
    <td>${kind}</td>
    <td>
      ${isolated(message)}${steps === undefined || steps === 0 ? '' : html` <span class="quiet">${grouped(steps)} search steps</span>`}
    </td>
  </tr> `;
