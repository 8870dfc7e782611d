/** Section C: the faults that were planned, when, and whether they changed anything. */
import type { FaultOutcome, RunResult } from '../../sim/result.ts';
import { faultPart, partTitle } from '../fault-part.ts';
import type { NecessityRow } from '../../sim/search/necessity.ts';
import { headline, inForceAtFailure, type Headline } from '../headline.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { FAULT_HUES } from '../page-data.ts';
import { grouped, window } from '../quantity.ts';

/** `necessity`: what becomes of the run without each fault, where that is known. */
export function faultsSection(result: RunResult, necessity: readonly NecessityRow[] = []): Markup {
  const { faults } = result;
  const told = headline(result);
  if (faults.length === 0) {
    return html`<section id="faults" aria-labelledby="faults-title">
      <h2 id="faults-title">Faults</h2>
      <p>None: the run was not disturbed.</p>
    </section>`;
  }
  const known: Known | undefined =
    necessity.length === 0 ? undefined : new Map(necessity.map(({ id, without }) => [id, without]));
  const failure = told.at === undefined ? '' : html`<th scope="col">${partTitle(told)}</th>`;
  return html`<section id="faults" aria-labelledby="faults-title">
    <h2 id="faults-title">${title(result, told, necessity)}</h2>
    <div class="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">fault</th>
            <th scope="col">window</th>
            <th scope="col" class="number">effects</th>
            ${failure}${known === undefined ? '' : html`<th scope="col">without it</th>`}
          </tr>
        </thead>
        <tbody>
          ${faults.map((fault, i) => faultRow(fault, i, told, known))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function title(result: RunResult, told: Headline, necessity: readonly NecessityRow[]): string {
  if (necessity.length === result.faults.length) {
    const needed = necessity.filter(({ without }) => without === 'passes' || without === 'other failure').length;
    return `Faults: ${needed} of ${result.faults.length} ${needed === 1 ? 'is' : 'are'} needed for this failure`;
  }
  const idle = result.faults.filter((fault) => fault.effects === 0).length;
  const effective = result.faults.length - idle;
  const count = `of ${result.faults.length}`;
  if (told.at === undefined) return `Faults: ${effective} ${count} had an effect`;
  const inForce = result.faults.filter((fault) => inForceAtFailure(fault, told)).length;
  return `Faults: ${inForce} ${count} in force ${partTitle(told)}`;
}

type Without = NecessityRow['without'];
type Known = ReadonlyMap<string, Without>;

function withoutMark(without: Without | undefined): Markup {
  if (without === 'passes') return html`<span class="mark held"><span aria-hidden="true">✓</span> passes</span>`;
  if (without === 'still fails')
    return html`<span class="mark violated"><span aria-hidden="true">✗</span> still fails</span>`;
  return html`<span class="mark undecided">${without ?? 'not tried'}</span>`;
}

function faultRow(fault: FaultOutcome, i: number, told: Headline, known: Known | undefined): Markup {
  const idle = fault.effects === 0;
  const { inForce, text } = faultPart(fault, told);
  const part = inForce
    ? html`<span aria-hidden="true">●</span> ${text === 'lost it' ? html`<strong>lost it</strong>` : text}`
    : html`<span class="quiet">${text}</span>`;
  const cell = told.at === undefined ? '' : html`<td>${part}</td>`;
  const effects = idle
    ? html`<td class="number idle">had no effect</td>`
    : html`<td class="number">${grouped(fault.effects)}</td>`;
  return html`<tr class="${inForce ? 'in-force' : idle ? 'idle' : ''}">
    <th scope="row">
      <span class="swatch hue-${i % FAULT_HUES}" aria-hidden="true"></span
      ><span class="fault-id">${isolated(fault.id)}</span> ${isolated(fault.text)}
    </th>
    <td class="window">${window(fault.at, fault.until)}</td>
    ${effects}${cell}${known === undefined ? '' : html`<td>${withoutMark(known.get(fault.id))}</td>`}
  </tr> `;
}
