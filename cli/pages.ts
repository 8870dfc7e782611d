/** Pages: each run again on the recorded path, which must come to the same digest, and the index of a suite. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { assert, parseSchedule, reproOf, run, s, type RunResult, type TraceOptions } from '../sim/index.ts';
import {
  headline,
  htmlReport,
  jsonReport,
  markdownReport,
  suiteIndex,
  type PageAssets,
  type ReportEntry,
  type RunEntry,
} from '../reports/index.ts';
import { writeWhole } from './files.ts';
import type { LoadedScenario } from './load-scenario.ts';
import { safe } from './safe-name.ts';

/** Longer runs are recorded around what is shown: the violation, or the faults, or the beginning. */
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
  const { verdict } = headline(result);
  const centre = verdict?.witness?.at ?? result.faults[0]?.at ?? 0;
  const span = Math.max(s(1), Math.round((result.engine.reached * WINDOW_EVENTS) / result.engine.events));
  return { from: Math.max(0, centre - Math.round(span * 0.75)), to: centre + Math.round(span * 0.25) };
}

/** Writes the page of a run, with report.md and report.json beside it. Returns the page's name within `folder`. */
export function writePage(folder: string, one: LoadedScenario, entry: RunEntry): string {
  const { result, replayCommand } = entry;
  const recorded = run(one.scenario, {
    seed: result.seed,
    params: result.params,
    faults: parseSchedule(result.schedule),
    record: recordingOf(result),
  });
  assert(
    recorded.digest === result.digest,
    `${result.scenario}: the recorded path gave ${recorded.digest}, the fast path ${result.digest}`,
  );
  const name = `${result.scenario}-${safe(result.seed)}`;
  const page = htmlReport(recorded, {
    assets: pageAssets(),
    replayCommand,
    compress: (bytes) => gzipSync(bytes, { level: 9 }),
    index: 'index.html',
    repro: reproOf(result, one),
  });
  writeWhole(join(folder, `${name}.html`), page);
  writeWhole(join(folder, `${name}.md`), markdownReport({ ...entry, result: recorded }));
  writeWhole(join(folder, `${name}.json`), `${jsonReport([entry])}\n`);
  return `${name}.html`;
}

/** Writes the index of a suite. */
export function writeSuite(folder: string, entries: readonly ReportEntry[]): void {
  writeWhole(join(folder, 'index.html'), suiteIndex(entries, { assets: pageAssets() }));
}
