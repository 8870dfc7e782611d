/**
 * The page of one run: a single file that opens from disk, asks the network for nothing and runs no script but its own.
 * The verdict, what happened, the faults and the limits are plain HTML; diagram, events and charts are drawn by the script from
 * data embedded in the page. With the simulator and the scenario aboard, the page runs the run again and compares digests.
 */
import type { RunResult } from '../sim/result.ts';
import type { Inevitability } from '../sim/search/inevitability.ts';
import type { NecessityRow } from '../sim/search/necessity.ts';
import type { TraceOptions } from '../sim/trace/trace.ts';
import { chartsOf } from './charts.ts';
import { documentOf, seedDocumentOf } from './html/document.ts';
import { inevitabilitySection } from './html/inevitability-section.ts';
import { bytesBlock, jsonBlock, textBlock, utf8 } from './html/packed-block.ts';
import { rerunBar } from './html/rerun-bar.ts';
import { stateSection, traceSections } from './html/trace-sections.ts';
import { verdictHeader } from './html/verdict-header.ts';
import { headline } from './headline.ts';
import { clipped, html, type Markup, printable } from './markup.ts';
import { squeezed } from './packing/squeeze.ts';
import { type PageData, pageData } from './page-data.ts';
import { type Parts, partsOf, placed } from './parts.ts';
import { stepsOf } from './steps.ts';
import { packTrace } from './trace-columns.ts';

/** The page's script, style and loaders, bundled from reports/page/. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
  /** Unpacks a script that travels compressed; absent: it travels as it is. */
  readonly loader?: string;
  /** Unpacks a page that carries a seed in place of a trace. */
  readonly seedLoader?: string;
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
  /** The same script in less, where the host knows how; asked for by pages without a trace only, since it takes seconds. */
  readonly tighten?: (script: string) => string;
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
  const parts = partsOf(result, options.necessity);
  const worker = options.engine !== undefined && options.repro !== undefined;
  const rest = restOf(result, options, { worker, parts, trace: result.trace !== undefined });
  const body = html`${bodyOf(result, options, { worker, parts, rest })}
  ${blockOfPage(pageData(result), options)}${carried(options)}${traceBlocks(result, options)}${worker ? engineBlocks(options) : ''}`;
  return documentOf({ title: titleOf(result), body, assets: options.assets, worker, compress: options.compress });
}

/**
 * The same page without the trace and without what is measured: on opening it runs the run again and shows what that comes to. The verdict, the
 * steps and the faults are plain HTML here too; everything else is packed, which takes about 3 s. Throws RangeError when the options
 * lack what such a page needs.
 */
export function seedReport(result: RunResult, options: HtmlOptions): string {
  const { assets, engine, repro, compress, tighten = (script) => script } = options;
  const { seedLoader } = assets;
  if (seedLoader === undefined || engine === undefined || repro === undefined)
    throw new RangeError('a page that runs its run on opening needs its loader, the engine and the repro');
  const { trace: _trace, ...bare } = result;
  const parts = { ...partsOf(result, options.necessity), measures: '', operations: '' };
  const unmeasured = { ...bare, operations: [], metrics: { counters: [], gauges: [], histograms: [] } };
  const written = pageData(result);
  // There are no rows yet to go to.
  const steps = written.steps.map((step) => ({ ...step, row: 0 }));
  const page = { ...written, steps, highlighted: [], charts: chartsOf(unmeasured) };
  const rest = html`${restOf(bare, options, { worker: true, parts, trace: false })}${blockOfPage(page, {})}`;
  const body = html`${bodyOf(bare, options, { worker: true, parts, rest: '' })}
  ${carried(options)}${jsonBlock('engine-record', engine.record)}`;
  const title = titleOf(result);
  return seedDocumentOf({
    title,
    body,
    assets: { ...assets, script: tighten(assets.script), seedLoader },
    rest,
    engine: tighten(engine.script),
    squeeze: squeezed,
    compress,
  });
}

function titleOf(result: RunResult): string {
  const { verdict } = headline(result);
  const subject = verdict === undefined ? result.status : `${result.status}: ${verdict.check}`;
  return printable(clipped(`${result.scenario} · ${subject}`, 200));
}

/** What a page is told of itself while it is written. */
interface Writing {
  /** It can run its run again. */
  readonly worker: boolean;
  readonly parts: Parts;
}

const bodyOf = (
  result: RunResult,
  options: HtmlOptions,
  { worker, parts, rest }: Writing & { readonly rest: Markup | '' },
): Markup =>
  html`${verdictHeader(result, options)} ${rerunBar(worker)}
    <main>
      <div class="summary">
        ${placed(parts, 'steps')}
        <div class="causes">
          ${placed(parts, 'faults')}
          <div id="past"></div>
        </div>
      </div>
      ${rest}
    </main>`;

const restOf = (
  result: RunResult,
  { inevitability }: HtmlOptions,
  { worker, parts, trace }: Writing & { readonly trace: boolean },
): Markup =>
  html`${placed(parts, 'missing')} ${traceSections(result, stepsOf(result).length, trace || worker)}
  ${trace || worker ? stateSection(worker) : ''}
  ${result.status === 'violated' ? inevitabilitySection(inevitability, worker) : ''} ${placed(parts, 'measures')}
  ${placed(parts, 'operations')} ${placed(parts, 'checks')} ${placed(parts, 'environment')}`;

const blockOfPage = (page: PageData, { compress }: Pick<HtmlOptions, 'compress'>): Markup =>
  textBlock('page-data', JSON.stringify(page), compress);

/** What other programs read too. */
function carried({ repro, necessity, inevitability }: HtmlOptions): Markup {
  const found =
    necessity === undefined && inevitability === undefined ? '' : jsonBlock('findings', { necessity, inevitability });
  return html`${repro === undefined ? '' : jsonBlock('orrery-repro', repro)}${found}`;
}

function traceBlocks({ trace }: RunResult, { compress }: HtmlOptions): Markup | '' {
  if (trace === undefined) return '';
  const { columns, texts } = packTrace(trace);
  return html`${bytesBlock('trace-columns', columns, compress)}${textBlock('trace-texts', texts, compress)}`;
}

const engineBlocks = ({ engine, compress }: HtmlOptions): Markup | '' =>
  engine === undefined
    ? ''
    : html`${jsonBlock('engine-record', engine.record)}${bytesBlock('engine', utf8(engine.script), compress)}`;
