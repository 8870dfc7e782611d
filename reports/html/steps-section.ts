/** Section B: what happened, as numbered steps. Each is a button that jumps to the same number in the diagram. */
import type { RunResult } from '../../sim/result.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { instant } from '../quantity.ts';
import type { Step } from '../steps.ts';

export function stepsSection(result: RunResult, steps: readonly Step[]): Markup {
  const items = steps.map(
    (step) =>
      html`<li class="step is-${step.kind}">
        <button type="button" data-step="${step.number}">
          <span class="badge">${step.number}</span><time>${instant(step.at)}</time
          ><span class="what">${isolated(step.text)}</span>
        </button>
      </li> `,
  );
  return html`<section id="steps" aria-labelledby="steps-title">
    <h2 id="steps-title">What happened</h2>
    <p class="question">${isolated(result.question)}</p>
    <ol class="steps">
      ${items}
    </ol>
  </section>`;
}
