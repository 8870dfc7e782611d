/** The page of an exploration of orders: what was violated, by which order, and how far it went. Plain HTML, no script. */
import { documentOf } from '../html/document.ts';
import type { PageAssets } from '../html.ts';
import { html, isolated, printable, type Markup } from '../markup.ts';
import { grouped } from '../quantity.ts';
import type { OrderEntry, OrderFindingEntry, OrderReport } from './order-entry.ts';
import {
  AGAIN_TEXT,
  completenessText,
  deviationsText,
  orderCountsText,
  orderMomentText,
  orderWorkTexts,
  rulesText,
  shareText,
} from './order-words.ts';
import { table } from '../html/table.ts';
import { findingTitle } from './finding-title.ts';

export function orderPage({ summary, findings }: OrderEntry, { style }: Pick<PageAssets, 'style'>): string {
  const { scenario, question, seed, schedule } = summary;
  const body = html`<header class="verdict is-${findings.length > 0 ? 'violated' : 'held'}">
      <h1>orders <span class="scenario">${isolated(scenario)}</span></h1>
      <p class="sentence">${orderCountsText(summary)}</p>
      <p>${orderWorkTexts(summary).join(' · ')}</p>
      <p class="${summary.complete ? 'quiet' : 'warning'}">${completenessText(summary)}</p>
      <p class="quiet">${isolated(question)}</p>
      <p class="quiet">
        seed <span class="mono">${isolated(seed)}</span>, ${rulesText(summary)}, faults in every run:
        ${schedule.length === 0 ? 'none' : grouped(schedule.length)}
      </p>
    </header>
    <main>${findings.map((finding, i) => findingSection(finding, i, summary))} ${neverSection(summary)}</main>`;
  return documentOf({ title: printable(`orders ${scenario} · ${orderCountsText(summary)}`), body, assets: { style } });
}

function findingSection({ finding, replayCommand, page }: OrderFindingEntry, i: number, summary: OrderReport): Markup {
  return html`<section aria-labelledby="finding-${i}">
    <h2 id="finding-${i}">${findingTitle(finding.property, page)}</h2>
    <p class="sentence">${isolated(finding.message)}</p>
    <p class="quiet">${orderMomentText(finding)}, ${shareText(finding, summary)}; ${deviationsText(finding)}</p>
    ${table(
      ['deviation', 'what happens'],
      finding.deviations.map((text, at) => [String(at + 1), isolated(text)]),
    )}
    <p class="replay">${replayCommand === undefined ? AGAIN_TEXT : html`<code>${isolated(replayCommand)}</code>`}</p>
  </section>`;
}

const neverSection = ({ neverHappened }: OrderReport): Markup | string =>
  neverHappened.length === 0
    ? ''
    : html`<section aria-labelledby="never">
        <h2 id="never">Never seen</h2>
        <ul>
          ${neverHappened.map((check) => html`<li>${isolated(check)}</li>`)}
        </ul>
      </section>`;
