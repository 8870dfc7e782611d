/** Pages of real runs with their simulator aboard, and visits to them in a real browser. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { tightened } from '../../cli/tightened.ts';
import { htmlReport, seedReport, type PageAssets } from '../../reports/index.ts';
import { pageAssetsIn } from '../support/page-assets.ts';
import { reproOf, run, type NecessityRow, type RunOptions, type Scenario, type TraceOptions } from '../../sim/index.ts';

export interface Visit {
  readonly page: Page;
  /** Console errors, uncaught errors, policy violations, requests other than for the file itself. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export interface PageOptions extends Pick<RunOptions, 'params' | 'faults'> {
  readonly seed?: string;
  readonly record?: TraceOptions;
  /** False: the page has to make its trace itself. */
  readonly trace?: boolean;
  /** A page that carries a seed in place of a trace. */
  readonly seedOnly?: boolean;
  /** What becomes of the run without each fault. Default: the page finds it out. */
  readonly necessity?: readonly NecessityRow[];
  /** Replaces the recorded digest. */
  readonly digest?: string;
}

/** A folder of pages, with what the build makes for them. */
export class PageFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'orrery-pages-'));
  private readonly assets: PageAssets;

  /** `scenarios`: whose engines are needed. */
  constructor(scenarios: readonly string[] = ['all']) {
    execFileSync(process.execPath, ['scripts/build-page.mjs', this.path, ...scenarios], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.assets = pageAssetsIn(this.path);
  }

  /** Writes the page of a run and returns its address. */
  write(scenario: Scenario, options: PageOptions = {}): { url: string; digest: string; bytes: number } {
    const {
      seed = scenario.seed,
      params,
      faults,
      record = {},
      trace = true,
      seedOnly = false,
      digest,
      necessity,
    } = options;
    const recorded = run(scenario, {
      seed,
      ...(params === undefined ? {} : { params }),
      ...(faults === undefined ? {} : { faults }),
      record,
    });
    const { trace: _trace, ...bare } = recorded;
    const result = { ...(trace ? recorded : bare), ...(digest === undefined ? {} : { digest }) };
    const document = (seedOnly ? seedReport : htmlReport)(result, {
      assets: this.assets,
      replayCommand: `orrery run ${scenario.name}`,
      compress: (bytes) => gzipSync(bytes, { level: 9 }),
      tighten: tightened,
      repro: reproOf(result),
      ...(necessity === undefined ? {} : { necessity }),
      engine: { script: readFileSync(join(this.path, 'engine', `${scenario.name}.js`), 'utf8'), record },
    });
    const file = join(this.path, `${scenario.name}${seedOnly ? '-seed' : ''}.html`);
    writeFileSync(file, document);
    return { url: pathToFileURL(file).href, digest: result.digest, bytes: Buffer.byteLength(document) };
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const address = request.url();
    // The page's own engine is the one thing that it loads, from itself.
    if (address.split('#')[0] !== url.split('#')[0] && !address.startsWith('blob:'))
      complaints.push(`asks for ${address}`);
  });
  await page.goto(url);
  await page.locator('html[data-ready=true]').waitFor({ state: 'attached', timeout: 60_000 });
  return { page, complaints, close: () => context.close() };
}

/** What the page says when it has run its run again. */
export async function saidAgain(page: Page): Promise<string> {
  await page.locator('#rerun-said:not(:empty)').filter({ hasNotText: '…' }).waitFor({ timeout: 60_000 });
  return (await page.locator('#rerun-said').textContent()) ?? '';
}
