/** Section F: how likely the failure still was, by the instant from which everything is drawn again. */
import type { Inevitability } from '../../sim/search/inevitability.ts';
import { html, type Markup } from '../markup.ts';
import { counted, instant } from '../quantity.ts';

/** `able`: the page can find it out itself. */
export function inevitabilitySection(found: Inevitability | undefined, able: boolean): Markup | string {
  if (found === undefined && !able) return '';
  return html`<section id="inevitability" aria-labelledby="inevitability-title">
    <div class="bar">
      <h2 id="inevitability-title">When did it become inevitable?</h2>
      <div class="tools" id="inevitability-tools"></div>
    </div>
    <p id="inevitability-said" class="quiet" role="status">
      ${found === undefined ? 'Draw everything after an instant again, many times: how often does it still fail?' : summary(found)}
    </p>
    <div id="inevitability-chart"></div>
    ${found === undefined ? '' : table(found)}
  </section>`;
}

function summary({ runs, pointOfNoReturn, points }: Inevitability): string {
  const last = points.at(-1);
  const end =
    pointOfNoReturn !== undefined
      ? `from ${instant(pointOfNoReturn)} on it could not be averted`
      : last === undefined
        ? 'nothing was drawn'
        : `at ${instant(last.at)} there was still a way out`;
  return `${counted(runs, 'redrawn run')}: ${end}.`;
}

const table = ({ points }: Inevitability): Markup =>
  html`<div class="table-frame">
    <table class="compact">
      <thead>
        <tr>
          <th scope="col" class="number">drawn again from</th>
          <th scope="col" class="number">violated</th>
          <th scope="col" class="number">95 %</th>
        </tr>
      </thead>
      <tbody>
        ${points.map(
          ({ at, runs, violated, low, high }) =>
            html`<tr>
              <th scope="row" class="number">${instant(at)}</th>
              <td class="number">${violated} of ${runs}</td>
              <td class="number">${percent(low)}–${percent(high)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;
