/**
 * The page of one run: a single file that opens from disk, asks the network for nothing and runs no script but its own.
 * The verdict, what happened, the faults and the limits are plain HTML; diagram, events and charts are drawn by the script from
 * data embedded in the page.
 */
import type { RunResult } from '../sim/result.ts';
import { base64 } from './base64.ts';
import { documentOf } from './html/document.ts';
import { environmentSection } from './html/environment-section.ts';
import { faultsSection } from './html/faults-section.ts';
import { measuresSection } from './html/measures-section.ts';
import { operationsSection } from './html/operations-section.ts';
import { checksSection } from './html/checks-section.ts';
import { stepsSection } from './html/steps-section.ts';
import { traceSections } from './html/trace-sections.ts';
import { verdictHeader } from './html/verdict-header.ts';
import { headline } from './headline.ts';
import { html, inScript, Markup, printable, scriptJson } from './markup.ts';
import { pageData } from './page-data.ts';
import { stepsOf } from './steps.ts';
import { packTrace } from './trace-columns.ts';

/** The page's script and style, bundled from reports/page/. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

export interface HtmlOptions {
  readonly assets: PageAssets;
  /** The command that runs it again, as typed. */
  readonly replayCommand: string;
  /** Gzip, where the host has one: a trace of 21,000 messages takes a quarter of the room. */
  readonly compress?: (bytes: Uint8Array) => Uint8Array;
  /** Address of the suite's index, relative to the page. */
  readonly index?: string;
  /** Repro file to carry along, so that the page itself can be replayed. */
  readonly repro?: unknown;
}

/** Throws RangeError when the assets hold what would end their element early. */
export function htmlReport(result: RunResult, options: HtmlOptions): string {
  const { verdict } = headline(result);
  const steps = stepsOf(result);
  const body = html`${verdictHeader(result, options)}
    <main>
      <div class="summary">${stepsSection(result, steps)} ${faultsSection(result)}</div>
      ${traceSections(result, steps.length)} ${measuresSection(result)} ${operationsSection(result)}
      ${checksSection(result)} ${environmentSection(result)}
    </main>
    ${dataBlocks(result, options)}`;
  const subject = verdict === undefined ? result.status : `${result.status}: ${verdict.check}`;
  return documentOf({ title: printable(`${result.scenario} · ${subject}`), body, assets: options.assets });
}

const block = (id: string, encoding: string, content: string): Markup =>
  new Markup(`<script type="text/plain" id="${id}" data-encoding="${encoding}">${content}</script>\n`);

/** Data for the script. Base64 and JSON with `<` escaped cannot end the element. */
function dataBlocks(result: RunResult, { compress, repro }: HtmlOptions): Markup {
  const carried =
    repro === undefined ? '' : `<script type="application/json" id="orrery-repro">${scriptJson(repro)}</script>\n`;
  const page = new Markup(
    `<script type="application/json" id="page-data">${scriptJson(pageData(result))}</script>\n${carried}`,
  );
  if (result.trace === undefined) return page;
  const { columns, texts } = packTrace(result.trace);
  if (compress === undefined) {
    return html`${page}${block('trace-columns', 'base64', base64(columns))}${block('trace-texts', 'json', inScript(texts))}`;
  }
  const packed = (bytes: Uint8Array): string => base64(compress(bytes));
  return html`${page}${block('trace-columns', 'gzip-base64', packed(columns))}${block('trace-texts', 'gzip-base64', packed(new TextEncoder().encode(texts)))}`;
}
