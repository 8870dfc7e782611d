/** The page of a search: distinct failures, coverage with the empty cells named. Plain HTML, no script. */
import type { SearchSummary } from '../../sim/search/summary.ts';
import { documentOf } from '../html/document.ts';
import type { PageAssets } from '../html.ts';
import { html, isolated, printable, type Markup } from '../markup.ts';
import { counted, grouped } from '../quantity.ts';
import {
  countsText,
  divergenceText,
  endedText,
  gapTexts,
  momentText,
  seedText,
  shrinkText,
  whenText,
  workTexts,
} from './finding-words.ts';
import { inevitabilitySection } from './inevitability-section.ts';
import type { FindingEntry, SearchEntry } from './search-entry.ts';
import { table } from '../html/table.ts';
import { findingTitle } from './finding-title.ts';

export function searchPage(entry: SearchEntry, { style }: Pick<PageAssets, 'style'>): string {
  const { summary, findings, unexamined = 0 } = entry;
  const { scenario, question, seed, profile } = summary;
  const failed = findings.length > 0 || summary.notReproduced.length > 0;
  const body = html`<header class="verdict is-${failed ? 'violated' : 'held'}">
      <h1>search <span class="scenario">${isolated(scenario)}</span></h1>
      <p class="sentence">${countsText(summary)}</p>
      <p>${workTexts(summary).join(' · ')}</p>
      <p class="quiet">${isolated(question)}</p>
      <p class="quiet">seed <span class="mono">${isolated(seed)}</span>, profiles ${isolated(profile)}</p>
      ${unexamined > 0 && html`<p class="warning">${counted(unexamined, 'more failure')} not looked into: the search ended first</p>`}
      ${determinismNote(entry)}
    </header>
    <main>${findings.map(findingSection)} ${coverageSection(summary)} ${countsSection(summary)}</main>`;
  return documentOf({ title: printable(`search ${scenario} · ${countsText(summary)}`), body, assets: { style } });
}

function determinismNote({ summary: { notReproduced }, determinism }: SearchEntry): Markup {
  const lost =
    notReproduced.length > 0 &&
    html`<p class="warning">
      Not deterministic: what failed in schedules ${notReproduced.join(', ')} did not fail again.
    </p>`;
  const diverged = (determinism?.diverged ?? []).map(
    ({ index, divergence }) =>
      html`<p class="warning">
        Schedule ${index} runs otherwise in a fresh worker: ${isolated(divergenceText(divergence).join(' · '))}
      </p>`,
  );
  return html`${lost}${diverged}`;
}

function findingSection({ finding, replayCommand, page }: FindingEntry, i: number): Markup {
  const note = endedText(finding);
  return html`<section aria-labelledby="finding-${i}">
    <h2 id="finding-${i}">${findingTitle(finding.property, page)}</h2>
    <p class="sentence">${isolated(finding.message)}</p>
    <p class="quiet">
      ${momentText(finding)}, in ${counted(finding.count, 'schedule')}; faults ${shrinkText(finding)}; seed
      <span class="mono">${isolated(seedText(finding))}</span>
    </p>
    ${note !== undefined && html`<p class="warning">${note}</p>`}
    ${table(
      ['fault', 'window', 'without it'],
      finding.necessity.map((fault) => [
        html`<span class="fault-id">${isolated(fault.id)}</span> ${isolated(fault.text)}`,
        whenText(fault),
        fault.without,
      ]),
    )}
    ${inevitabilitySection(finding.inevitability)}
    <p class="replay"><code>${isolated(replayCommand)}</code></p>
  </section>`;
}

function coverageSection(summary: SearchSummary): Markup {
  const { cells, phases } = summary.coverage;
  const columns = Object.entries(phases).flatMap(([role, seen]) => Object.keys(seen).map((phase) => ({ role, phase })));
  const rows = Object.entries(cells).map(([kind, byRole]) => [
    kind,
    ...columns.map(({ role, phase }) => {
      const cell = byRole[role]?.[phase];
      return cell === undefined
        ? '–'
        : cell.felt === cell.planned
          ? grouped(cell.felt)
          : `${cell.felt} of ${cell.planned}`;
    }),
  ]);
  const gaps = gapTexts(summary);
  return html`<section aria-labelledby="coverage">
    <h2 id="coverage">Coverage: faults that were felt, by role and phase</h2>
    ${table(['fault', ...columns.map(({ role, phase }) => (phase === '' ? role : `${role} (${phase})`))], rows)}
    ${
      gaps.length === 0
        ? html`<p>Every family of faults within reach was felt by every role in every phase that was seen.</p>`
        : html`<h3>Never exercised</h3>
            <ul>
              ${gaps.map((gap) => html`<li>${isolated(gap)}</li>`)}
            </ul>`
    }
  </section>`;
}

function countsSection({ coverage: { faults, mixes, sometimes } }: SearchSummary): Markup {
  return html`<section aria-labelledby="counts">
    <h2 id="counts">What was done</h2>
    ${table(
      ['fault', 'planned', 'without effect'],
      Object.entries(faults).map(([kind, { planned, ineffective }]) => [kind, grouped(planned), grouped(ineffective)]),
    )}
    ${table(
      ['mix of faults', 'runs', 'operations begun', 'completed'],
      Object.entries(mixes).map(([mix, { runs, begun, ok }]) => [mix, grouped(runs), grouped(begun), grouped(ok)]),
    )}
    ${table(
      ['sometimes', 'runs', 'in which it held'],
      Object.entries(sometimes).map(([check, { runs, held }]) => [isolated(check), grouped(runs), grouped(held)]),
    )}
  </section>`;
}
