/** Pages: each run again on the recorded path, which must come to the same digest, and the index of a suite. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  ConfigError,
  necessity,
  parseSchedule,
  reproOf,
  run,
  SimulationError,
  s,
  variationOf,
  type Inevitability,
  type NecessityRow,
  type RunResult,
  type TraceOptions,
} from '../sim/index.ts';
import {
  headline,
  htmlReport,
  jsonReport,
  markdownReport,
  orderMarkdown,
  orderPage,
  searchMarkdown,
  searchPage,
  seedReport,
  suiteIndex,
  worthRecording,
  type OrderEntry,
  type PageAssets,
  type ReportEntry,
  type RunEntry,
  type SearchEntry,
} from '../reports/index.ts';
import type { PageKind } from './commands/shared-options.ts';
import { writeWhole } from './files.ts';
import type { LoadedScenario } from './load-scenario.ts';
import { pageEngine } from './page-engine.ts';
import { safe } from './safe-name.ts';
import { sourceFor } from './scenario-source.ts';
import { tightened } from './tightened.ts';

/** Longer runs are recorded where they explain most, and the page says so. */
const WHOLE_RUN_EVENTS = 250_000;
const WINDOW_EVENTS = 100_000;
/** Rows at most: an event has two or three. */
const MOST_ROWS = 800_000;

function assetsIn(folder: URL): Required<PageAssets> {
  const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  return {
    script: text('page.js'),
    style: text('page.css'),
    loader: text('load.js').trim(),
    seedLoader: text('load-seed.js').trim(),
  };
}

let assets: Required<PageAssets> | undefined;
const pageAssets = (): Required<PageAssets> => (assets ??= assetsIn(new URL('../reports/', import.meta.url)));

/** For pages without script. */
export const pageStyle = (): Pick<PageAssets, 'style'> => ({ style: pageAssets().style });

/** Two in a hundred larger than at the highest level, in a sixth of the time. */
const GZIP_LEVEL = 7;

/** What of a run is recorded for its page. */
function recordingOf(result: RunResult): TraceOptions {
  if (result.engine.events <= WHOLE_RUN_EVENTS) return { maxRows: MOST_ROWS };
  const span = Math.max(s(1), Math.round((result.engine.reached * WINDOW_EVENTS) / result.engine.events));
  return { ...worthRecording(result, span), maxRows: MOST_ROWS };
}

interface Found {
  /** Name of the check. */
  readonly property: string;
  readonly necessity?: readonly NecessityRow[];
  readonly inevitability?: Inevitability;
}

export interface PagePlace {
  /** Name of the page's files. Default: scenario and seed. */
  readonly name?: string;
  /** Page that it belongs to, relative. Default index.html. */
  readonly index?: string;
  /** What a search has found out about a failure. */
  readonly found?: Found;
  /** Default recorded. */
  readonly kind?: PageKind;
}

/** Events that finding out what is needed may cost; beyond that the page does it. */
const NECESSITY_EVENTS = 150_000;

/** What becomes of a failing run without each of its faults. */
function necessityOf({ scenario }: LoadedScenario, result: RunResult): readonly NecessityRow[] | undefined {
  const { verdict } = headline(result);
  const { seed, params, noise, limited, order, schedule, engine } = result;
  const cost = engine.events * schedule.length;
  if (result.status !== 'violated' || verdict === undefined || order !== undefined) return undefined;
  if (cost === 0 || cost > NECESSITY_EVENTS) return undefined;
  const trial = {
    seed,
    params,
    faults: parseSchedule(schedule),
    ...(noise === undefined ? {} : { noise }),
    ...(limited === undefined ? {} : { limited }),
  };
  return necessity(scenario, trial, { property: verdict.check });
}

/** Writes the page of a run, with report.md and report.json beside it. Returns the page's name within `folder`. */
export function writePage(folder: string, one: LoadedScenario, entry: RunEntry, place: PagePlace = {}): string {
  const { result, replayCommand } = entry;
  const repro = reproOf(result, sourceFor(one, folder));
  const record = recordingOf(result);
  const recorded = run(one.scenario, {
    ...variationOf(repro),
    seed: result.seed,
    params: result.params,
    faults: parseSchedule(result.schedule),
    record,
  });
  if (recorded.digest !== result.digest) {
    const why = 'does an actor use Math.random, Date or state outside its own, or change what it received?';
    throw new SimulationError(
      'determinism',
      `${result.scenario} is not deterministic: two runs, ${result.digest} and ${recorded.digest}; ${why}`,
    );
  }
  const { name = `${result.scenario}-${safe(result.seed)}`, index = 'index.html', kind = 'recorded' } = place;
  const found = place.found?.property === headline(result).verdict?.check ? place.found : undefined;
  const needed = found?.necessity ?? necessityOf(one, result);
  const known = needed === undefined ? {} : { necessity: needed };
  const script = pageEngine(one);
  if (kind === 'seed' && script === undefined) {
    const expected = `recorded: ${result.scenario} reaches for something that only Node has, so no page can run it`;
    throw new ConfigError('--pages', kind, expected);
  }
  const page = (kind === 'seed' ? seedReport : htmlReport)(recorded, {
    assets: pageAssets(),
    replayCommand,
    compress: (bytes) => gzipSync(bytes, { level: GZIP_LEVEL }),
    tighten: tightened,
    index,
    repro,
    ...known,
    ...(found?.inevitability === undefined ? {} : { inevitability: found.inevitability }),
    ...(script === undefined ? {} : { engine: { script, record } }),
  });
  writeWhole(join(folder, `${name}.html`), page);
  writeWhole(join(folder, `${name}.md`), markdownReport({ ...entry, ...known, result: recorded }));
  writeWhole(join(folder, `${name}.json`), `${jsonReport([{ ...entry, ...known }], { indent: 0 })}\n`);
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

/** Writes the page and the Markdown of an exploration of orders. */
export function writeOrders(folder: string, name: string, entry: OrderEntry): void {
  writeWhole(join(folder, `${name}.html`), orderPage(entry, pageAssets()));
  writeWhole(join(folder, `${name}.md`), orderMarkdown(entry));
}
