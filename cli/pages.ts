/** Pages: each run again on the recorded path, which must come to the same digest, and the index of a suite. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  parseSchedule,
  reproOf,
  run,
  SimulationError,
  s,
  variationOf,
  type RunResult,
  type TraceOptions,
} from '../sim/index.ts';
import {
  htmlReport,
  jsonReport,
  markdownReport,
  searchMarkdown,
  searchPage,
  suiteIndex,
  worthRecording,
  type PageAssets,
  type ReportEntry,
  type RunEntry,
  type SearchEntry,
} from '../reports/index.ts';
import { writeWhole } from './files.ts';
import type { LoadedScenario } from './load-scenario.ts';
import { safe } from './safe-name.ts';

/** Longer runs are recorded where they explain most, and the page says so. */
const WHOLE_RUN_EVENTS = 120_000;
const WINDOW_EVENTS = 60_000;

const assetsIn = (folder: URL): PageAssets => ({
  script: readFileSync(new URL('page.js', folder), 'utf8'),
  style: readFileSync(new URL('page.css', folder), 'utf8'),
});

let assets: PageAssets | undefined;
const pageAssets = (): PageAssets => (assets ??= assetsIn(new URL('../reports/', import.meta.url)));

/** What of a run is recorded for its page. */
function recordingOf(result: RunResult): TraceOptions {
  if (result.engine.events <= WHOLE_RUN_EVENTS) return {};
  const span = Math.max(s(1), Math.round((result.engine.reached * WINDOW_EVENTS) / result.engine.events));
  return worthRecording(result, span);
}

export interface PagePlace {
  /** Name of the page's files. Default: scenario and seed. */
  readonly name?: string;
  /** Page that it belongs to, relative. Default index.html. */
  readonly index?: string;
}

/** Writes the page of a run, with report.md and report.json beside it. Returns the page's name within `folder`. */
export function writePage(folder: string, one: LoadedScenario, entry: RunEntry, place: PagePlace = {}): string {
  const { result, replayCommand } = entry;
  const repro = reproOf(result, one);
  const recorded = run(one.scenario, {
    ...variationOf(repro),
    seed: result.seed,
    params: result.params,
    faults: parseSchedule(result.schedule),
    record: recordingOf(result),
  });
  if (recorded.digest !== result.digest) {
    const why = 'does an actor use Math.random, Date or state outside its own, or change what it received?';
    throw new SimulationError(
      'determinism',
      `${result.scenario} is not deterministic: two runs, ${result.digest} and ${recorded.digest}; ${why}`,
    );
  }
  const { name = `${result.scenario}-${safe(result.seed)}`, index = 'index.html' } = place;
  const page = htmlReport(recorded, {
    assets: pageAssets(),
    replayCommand,
    compress: (bytes) => gzipSync(bytes, { level: 9 }),
    index,
    repro,
  });
  writeWhole(join(folder, `${name}.html`), page);
  writeWhole(join(folder, `${name}.md`), markdownReport({ ...entry, result: recorded }));
  writeWhole(join(folder, `${name}.json`), `${jsonReport([entry], { indent: 0 })}\n`);
  return `${name}.html`;
}

/** Writes the index of a suite. */
export function writeSuite(folder: string, entries: readonly ReportEntry[]): void {
  writeWhole(join(folder, 'index.html'), suiteIndex(entries, { assets: pageAssets() }));
}

/** Writes the page and the Markdown of a search. */
export function writeSearch(folder: string, name: string, entry: SearchEntry): void {
  writeWhole(join(folder, `${name}.html`), searchPage(entry, pageAssets()));
  writeWhole(join(folder, `${name}.md`), searchMarkdown(entry));
}
