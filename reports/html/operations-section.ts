/** Section H: the operations that contradict each other, and why one must come before another. */
import type { Edge } from '../../sim/check/verdict.ts';
import type { Operation } from '../../sim/history/operation.ts';
import type { RunResult } from '../../sim/result.ts';
import { headline } from '../headline.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { answerText, askedText } from '../operation-text.ts';
import { counted, instant } from '../quantity.ts';
import { contradiction } from '../steps.ts';

const MOST_OPERATIONS = 40;
const MOST_EDGES = 40;

export function operationsSection(result: RunResult): Markup | string {
  const { verdict } = headline(result);
  const operations = contradiction(verdict, result.operations);
  if (operations.length === 0) return '';
  const mandatory = new Set(verdict?.witness?.mandatory ?? operations.map((op) => op.id));
  const left = operations.length - MOST_OPERATIONS;
  return html`<section id="operations" aria-labelledby="operations-title">
    <h2 id="operations-title">Operations of the contradiction</h2>
    <div class="table-frame">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col" class="number">id</th>
            <th scope="col">client</th>
            <th scope="col">asked</th>
            <th scope="col">answer</th>
            <th scope="col">answered by</th>
            <th scope="col" class="number">invoked</th>
            <th scope="col" class="number">completed</th>
            <th scope="col">certain</th>
          </tr>
        </thead>
        <tbody>
          ${operations.slice(-MOST_OPERATIONS).map((op) => operationRow(op, mandatory.has(op.id)))}
        </tbody>
      </table>
    </div>
    ${left > 0 ? html`<p class="warning">${counted(left, 'earlier operation')} not shown; report.json has all of them.</p>` : ''}
    ${edgeList(verdict?.witness?.edges ?? [], result.operations)}
  </section>`;
}

const operationRow = (op: Operation, certain: boolean): Markup =>
  html`<tr>
    <td class="number">${op.id}</td>
    <th scope="row">${isolated(op.client)}</th>
    <td>${isolated(askedText(op))}</td>
    <td>${isolated(answerText(op))}</td>
    <td>${isolated(op.node ?? '–')}</td>
    <td class="number">${instant(op.invokedAt)}</td>
    <td class="number">${instant(op.completedAt)}</td>
    <td>${certain ? 'happened' : 'may have happened'}</td>
  </tr> `;

function edgeList(edges: readonly Edge[], operations: readonly Operation[]): Markup | string {
  if (edges.length === 0) return '';
  const name = (id: number): string => {
    const op = operations[id];
    return op === undefined ? `operation ${id}` : `${op.client} ${askedText(op)}`;
  };
  const items = edges
    .slice(0, MOST_EDGES)
    .map(
      ({ before, after, reason }) =>
        html`<li>
          ${isolated(name(before))} <span class="quiet">must come before</span> ${isolated(name(after))}<span
            class="quiet"
            >: ${isolated(reason)}</span
          >
        </li> `,
    );
  return html`<h3>Why no order of them is legal</h3>
    <ul class="edges">
      ${items}
    </ul>`;
}
