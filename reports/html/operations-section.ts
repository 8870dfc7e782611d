/** Section H: clients' operations with the checks' reasons: what is legal, the first that cannot come next, and why. */
import type { Edge } from '../../sim/check/verdict.ts';
import type { Operation } from '../../sim/history/operation.ts';
import type { RunResult } from '../../sim/result.ts';
import { headline } from '../headline.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { operationStories, type OperationStory, type Standing, type StoryBar } from '../operation-story.ts';
import { answerText, askedText } from '../operation-text.ts';
import { counted, instant } from '../quantity.ts';
import { operationsFigure } from './operations-figure.ts';

const MOST_EDGES = 40;
/** A longer table is folded: the figure says the same. */
const MOST_UNFOLDED = 12;

export function operationsSection(result: RunResult): Markup | string {
  const stories = operationStories(result, headline(result).verdict);
  if (stories.length === 0) return '';
  return html`<section id="operations" aria-labelledby="operations-title">
    <h2 id="operations-title">Client operations</h2>
    ${stories.map((story) => storyPart(result, story, stories.length > 1))}
  </section>`;
}

function storyPart(result: RunResult, story: OperationStory, named: boolean): Markup {
  const edges = result.verdicts.find(({ check }) => check === story.check)?.witness?.edges ?? [];
  return html`<div class="story">
    ${named ? html`<h3>${isolated(story.check)}</h3>` : ''}
    <dl class="reasons">
      ${story.lines.map(
        ([name, text]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${isolated(text)}</dd>
          </div>`,
      )}
    </dl>
    <div class="table-frame" tabindex="0" role="group" aria-label="Operations over time">
      ${operationsFigure(result, story)}
    </div>
    <ul class="legend keys-of-operations">
      ${keysOf(story).map(([name, text]) => html`<li><span class="key ${name}"></span>${text}</li>`)}
    </ul>
    ${operationsTable(story)} ${edgeList(edges, result.operations)}
  </div>`;
}

/** Only what occurs. */
function keysOf({ bars, words }: OperationStory): (readonly [name: string, text: string])[] {
  const has = (standing: Standing): boolean => bars.some((bar) => bar.standing === standing);
  return [
    ...(has('illegal') ? [['illegal', words.illegal] as const] : []),
    ...(has('evidence') ? [['evidence', words.evidence] as const] : []),
    ...(has('legal') ? [['legal', words.legal] as const] : []),
    ...(bars.some(({ point }) => point !== undefined)
      ? [['point', 'can have taken effect here, in this order'] as const]
      : []),
    ...(bars.some(({ certain }) => !certain) ? [['uncertain', 'may have happened'] as const] : []),
  ];
}

function operationsTable({ bars, omitted, words }: OperationStory): Markup {
  // The legal ones are told by the figure alone.
  const shown = bars.filter(({ standing }) => standing !== 'legal');
  const table = html`<div class="table-frame">
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
          <th scope="col">standing</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map((bar) => operationRow(bar, words))}
      </tbody>
    </table>
  </div>`;
  const rest = omitted > 0 ? html`<p class="quiet hint">${counted(omitted, 'more operation')} in report.json.</p>` : '';
  if (shown.length <= MOST_UNFOLDED && shown.some(({ standing }) => standing !== 'beside'))
    return html`${table}${rest}`;
  return html`<details>
      <summary>The ${counted(shown.length, 'operation')} as a table</summary>
      ${table}
    </details>
    ${rest}`;
}

const operationRow = ({ op, certain, standing }: StoryBar, words: OperationStory['words']): Markup =>
  html`<tr>
    <td class="number">${op.id}</td>
    <th scope="row">${isolated(op.client)}</th>
    <td>${isolated(askedText(op))}</td>
    <td>${isolated(answerText(op))}</td>
    <td>${isolated(op.node ?? '–')}</td>
    <td class="number">${instant(op.invokedAt)}</td>
    <td class="number">${instant(op.completedAt)}</td>
    <td>${certain ? 'happened' : 'may have happened'}</td>
    <td>${standing === 'illegal' ? '✗ ' : ''}${words[standing]}</td>
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
