/**
 * The page of one run: a single file that opens from disk, asks the network for nothing and runs no script but its own.
 * The verdict, what happened, the faults and the limits are plain HTML; diagram, events and charts are drawn by the script from
 * data embedded in the page. With the simulator and the scenario aboard, the page runs the run again and compares digests.
 */
import type { RunResult } from '../sim/result.ts';
import type { Inevitability } from '../sim/search/inevitability.ts';
import type { NecessityRow } from '../sim/search/necessity.ts';
import type { TraceOptions } from '../sim/trace/trace.ts';
import { base64 } from './base64.ts';
import { documentOf } from './html/document.ts';
import { inevitabilitySection } from './html/inevitability-section.ts';
import { rerunBar } from './html/rerun-bar.ts';
import { stateSection, traceSections } from './html/trace-sections.ts';
import { verdictHeader } from './html/verdict-header.ts';
import { headline } from './headline.ts';
import { clipped, html, inScript, Markup, printable, scriptJson } from './markup.ts';
import { pageData } from './page-data.ts';
import { partsOf, placed } from './parts.ts';
import { stepsOf } from './steps.ts';
import { packTrace } from './trace-columns.ts';

/** The page's script and style, bundled from reports/page/. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** The simulator and the scenario as one script, so that the page can run the run again. */
export interface PageEngine {
  readonly script: string;
  /** What of the run the trace recorded: recorded again in the same way, rows keep their numbers. */
  readonly record: TraceOptions;
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
  /** Needs `repro`. Without it the page shows the run and cannot run it again. */
  readonly engine?: PageEngine;
  /** What becomes of the run without each fault, when that has been found out. */
  readonly necessity?: readonly NecessityRow[];
  /** P(violation) by time, when that has been found out. */
  readonly inevitability?: Inevitability;
}

/** Throws RangeError when the assets hold what would end their element early. */
export function htmlReport(result: RunResult, options: HtmlOptions): string {
  const { verdict } = headline(result);
  const steps = stepsOf(result);
  const parts = partsOf(result, options.necessity);
  const worker = options.engine !== undefined && options.repro !== undefined;
  const body = html`${verdictHeader(result, options)} ${rerunBar(worker)}
    <main>
      <div class="summary">
        ${placed(parts, 'steps')}
        <div class="causes">
          ${placed(parts, 'faults')}
          <div id="past"></div>
        </div>
      </div>
      ${placed(parts, 'missing')} ${traceSections(result, steps.length, result.trace !== undefined || worker)}
      ${result.trace === undefined && !worker ? '' : stateSection(worker)}
      ${result.status === 'violated' ? inevitabilitySection(options.inevitability, worker) : ''}
      ${placed(parts, 'measures')} ${placed(parts, 'operations')} ${placed(parts, 'checks')}
      ${placed(parts, 'environment')}
    </main>
    ${dataBlocks(result, options)}${worker ? engineBlock(options) : ''}`;
  const subject = verdict === undefined ? result.status : `${result.status}: ${verdict.check}`;
  const title = printable(clipped(`${result.scenario} · ${subject}`, 200));
  return documentOf({ title, body, assets: options.assets, worker, compress: options.compress });
}

const block = (id: string, encoding: string, content: string): Markup =>
  new Markup(`<script type="text/plain" id="${id}" data-encoding="${encoding}">${content}</script>\n`);

type Compress = HtmlOptions['compress'];

const bytesBlock = (id: string, bytes: Uint8Array, compress: Compress): Markup =>
  compress === undefined ? block(id, 'base64', base64(bytes)) : block(id, 'gzip-base64', base64(compress(bytes)));

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const textBlock = (id: string, json: string, compress: Compress): Markup =>
  compress === undefined ? block(id, 'json', inScript(json)) : bytesBlock(id, utf8(json), compress);

function engineBlock({ engine, compress }: HtmlOptions): Markup {
  if (engine === undefined) return new Markup('');
  const record = new Markup(
    `<script type="application/json" id="engine-record">${scriptJson(engine.record)}</script>\n`,
  );
  return html`${record}${bytesBlock('engine', utf8(engine.script), compress)}`;
}

/** Data for the script. Base64 and JSON with `<` escaped cannot end the element. */
function dataBlocks(result: RunResult, { compress, repro, necessity, inevitability }: HtmlOptions): Markup {
  const carried =
    repro === undefined ? '' : `<script type="application/json" id="orrery-repro">${scriptJson(repro)}</script>\n`;
  const found =
    necessity === undefined && inevitability === undefined
      ? ''
      : `<script type="application/json" id="findings">${scriptJson({ necessity, inevitability })}</script>\n`;
  const page = html`${textBlock('page-data', JSON.stringify(pageData(result)), compress)}${new Markup(carried + found)}`;
  if (result.trace === undefined) return page;
  const { columns, texts } = packTrace(result.trace);
  return html`${page}${bytesBlock('trace-columns', columns, compress)}${textBlock('trace-texts', texts, compress)}`;
}
