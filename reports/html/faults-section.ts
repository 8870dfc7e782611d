/** Section C: the faults that were planned, when, and whether they changed anything. */
import type { FaultOutcome, RunResult } from '../../sim/result.ts';
import { headline } from '../headline.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { FAULT_HUES, inForceCount } from '../page-data.ts';
import { grouped, window } from '../quantity.ts';
import { inForceAt } from '../steps.ts';

export function faultsSection(result: RunResult): Markup {
  const { faults } = result;
  const { at } = headline(result);
  if (faults.length === 0) {
    return html`<section id="faults" aria-labelledby="faults-title">
      <h2 id="faults-title">Faults</h2>
      <p>None: the run was not disturbed.</p>
    </section>`;
  }
  const failure = at === undefined ? '' : html`<th scope="col">at the failure</th>`;
  return html`<section id="faults" aria-labelledby="faults-title">
    <h2 id="faults-title">${title(result, at)}</h2>
    <div class="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">fault</th>
            <th scope="col">window</th>
            <th scope="col" class="number">effects</th>
            ${failure}
          </tr>
        </thead>
        <tbody>
          ${faults.map((fault, i) => faultRow(fault, i, at))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function title(result: RunResult, at: number | undefined): string {
  const idle = result.faults.filter((fault) => fault.effects === 0).length;
  const effective = result.faults.length - idle;
  const count = `of ${result.faults.length}`;
  if (at === undefined) return `Faults: ${effective} ${count} had an effect`;
  return `Faults: ${inForceCount(result, at)} ${count} in force at the failure`;
}

function faultRow(fault: FaultOutcome, i: number, at: number | undefined): Markup {
  const idle = fault.effects === 0;
  const force = at !== undefined && !idle && inForceAt(fault, at);
  const cell =
    at === undefined
      ? ''
      : html`<td>
          ${force ? html`<span aria-hidden="true">●</span> in force` : html`<span class="quiet">${whenNot(fault, at)}</span>`}
        </td>`;
  const effects = idle
    ? html`<td class="number idle">had no effect</td>`
    : html`<td class="number">${grouped(fault.effects)}</td>`;
  return html`<tr class="${force ? 'in-force' : idle ? 'idle' : ''}">
    <th scope="row">
      <span class="swatch hue-${i % FAULT_HUES}" aria-hidden="true"></span
      ><span class="fault-id">${isolated(fault.id)}</span> ${isolated(fault.text)}
    </th>
    <td class="window">${window(fault.at, fault.until)}</td>
    ${effects}${cell}
  </tr> `;
}

const whenNot = (fault: FaultOutcome, at: number): string =>
  fault.at > at ? 'not yet' : fault.effects === 0 ? '' : 'over';
