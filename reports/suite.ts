/** index.html of a suite: one row per run, what was expected, what came out, where its page is. No script. */
import { type BrokenEntry, isAsExpected, isBroken, type ReportEntry, type RunEntry } from './entry.ts';
import { documentOf } from './html/document.ts';
import { expectationMark, statusMark } from './html/status-mark.ts';
import { caughtText, headline } from './headline.ts';
import type { PageAssets } from './html.ts';
import { html, isolated, type Markup } from './markup.ts';
import { counted, grouped, length } from './quantity.ts';

export interface SuiteOptions {
  readonly assets: Pick<PageAssets, 'style'>;
  readonly title?: string;
}

/** What is not as expected stands first; within that, the order of the entries. */
export function suiteIndex(entries: readonly ReportEntry[], { assets, title = 'Orrery suite' }: SuiteOptions): string {
  const sorted = entries.toSorted((a, b) => Number(isAsExpected(a)) - Number(isAsExpected(b)));
  const met = entries.filter(isAsExpected).length;
  const allMet = met === entries.length;
  const events = entries.reduce((sum, entry) => sum + (isBroken(entry) ? 0 : entry.result.engine.events), 0);
  const sentence = allMet
    ? `All ${counted(entries.length, 'run')} gave the expected answer.`
    : `${entries.length - met} of ${counted(entries.length, 'run')} did not give the expected answer.`;
  const body = html`<header class="verdict is-${allMet ? 'held' : 'violated'}">
      <h1>${expectationMark(allMet)} <span class="scenario">${isolated(title)}</span></h1>
      <p class="sentence">${sentence}</p>
      <p class="quiet">${counted(events, 'event')}</p>
    </header>
    <main>
      <div class="table-frame">
        <table class="suite">
          <thead>
            <tr>
              <th scope="col">scenario</th>
              <th scope="col">expectation</th>
              <th scope="col">verdict</th>
              <th scope="col">seed</th>
              <th scope="col" class="number">virtual</th>
              <th scope="col" class="number">events</th>
              <th scope="col" class="number">took</th>
              <th scope="col">digest</th>
            </tr>
          </thead>
          <tbody>
            ${sorted.map((entry) => (isBroken(entry) ? brokenRow(entry) : runRow(entry)))}
          </tbody>
        </table>
      </div>
    </main>`;
  return documentOf({ title, body, assets: { style: assets.style } });
}

const took = (ms: number | undefined): string => (ms === undefined ? '–' : length(Math.round(ms * 1000)));

/** Only a path beside the index is linked: `javascript:` and other hosts are not. */
const isLocal = (address: string): boolean => /^[\w.%/-]+$/.test(address) && !address.startsWith('/');

function runRow({ result, page, elapsedMs }: RunEntry): Markup {
  const { expectation, engine, status } = result;
  const name = isolated(result.scenario);
  const linked = page !== undefined && isLocal(page) ? html`<a href="${page}">${name}</a>` : name;
  const sentence = status === 'held' ? result.question : headline(result).sentence;
  return html`<tr class="${expectation.met ? '' : 'unmet'}">
    <th scope="row">
      ${linked}
      <p class="quiet">${isolated(sentence)}</p>
    </th>
    <td>
      ${expectationMark(expectation.met)}
      <p class="quiet">${isolated(expectation.text)}</p>
    </td>
    <td>
      ${statusMark(status)}
      <p class="quiet">${isolated(caughtText(result))}</p>
    </td>
    <td class="mono">${isolated(result.seed)}</td>
    <td class="number">${length(engine.reached)}</td>
    <td class="number">${grouped(engine.events)}</td>
    <td class="number">${took(elapsedMs)}</td>
    <td class="mono">${isolated(result.digest)}</td>
  </tr> `;
}

const brokenRow = ({ scenario, seed, error, elapsedMs }: BrokenEntry): Markup =>
  html`<tr class="unmet">
    <th scope="row">
      ${isolated(scenario)}
      <p class="quiet">${isolated(error)}</p>
    </th>
    <td>${expectationMark(false)}</td>
    <td>
      <span class="mark violated"><span aria-hidden="true">!</span> error</span>
    </td>
    <td class="mono">${isolated(seed)}</td>
    <td class="number">–</td>
    <td class="number">–</td>
    <td class="number">${took(elapsedMs)}</td>
    <td class="mono">–</td>
  </tr> `;
