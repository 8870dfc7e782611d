/** Section C: the faults that were planned, when, and whether they changed anything. */
import type { FaultOutcome, RunResult } from '../../sim/result.ts';
import { headline, inForceAtFailure, type Headline } from '../headline.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { FAULT_HUES } from '../page-data.ts';
import { grouped, window } from '../quantity.ts';

export function faultsSection(result: RunResult): Markup {
  const { faults } = result;
  const told = headline(result);
  if (faults.length === 0) {
    return html`<section id="faults" aria-labelledby="faults-title">
      <h2 id="faults-title">Faults</h2>
      <p>None: the run was not disturbed.</p>
    </section>`;
  }
  const failure = told.at === undefined ? '' : html`<th scope="col">${whenOf(told)}</th>`;
  return html`<section id="faults" aria-labelledby="faults-title">
    <h2 id="faults-title">${title(result, told)}</h2>
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
          ${faults.map((fault, i) => faultRow(fault, i, told))}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** Of a loss everything from the acknowledgement on may have had a part in it. */
const whenOf = ({ acknowledged, loss }: Headline): string =>
  acknowledged === undefined ? 'at the failure' : `from acknowledgement to ${loss === undefined ? 'the end' : 'loss'}`;

function title(result: RunResult, told: Headline): string {
  const idle = result.faults.filter((fault) => fault.effects === 0).length;
  const effective = result.faults.length - idle;
  const count = `of ${result.faults.length}`;
  if (told.at === undefined) return `Faults: ${effective} ${count} had an effect`;
  const inForce = result.faults.filter((fault) => inForceAtFailure(fault, told)).length;
  return `Faults: ${inForce} ${count} in force ${whenOf(told)}`;
}

function faultRow(fault: FaultOutcome, i: number, told: Headline): Markup {
  const idle = fault.effects === 0;
  const { at, loss } = told;
  const force = inForceAtFailure(fault, told);
  const part = loss?.fault === fault.id ? html`<strong>lost it</strong>` : 'in force';
  const cell =
    at === undefined
      ? ''
      : html`<td>
          ${force ? html`<span aria-hidden="true">●</span> ${part}` : html`<span class="quiet">${whenNot(fault, at)}</span>`}
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
