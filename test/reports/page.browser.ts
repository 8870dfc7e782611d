import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { htmlReport, suiteIndex, type HtmlOptions, type PageAssets } from '../../reports/index.ts';
import type { RunResult } from '../../sim/result.ts';
import type { TraceData } from '../../sim/trace/trace.ts';
import { describeInBrowser } from '../support/browser.ts';
import { bundlePage } from '../support/page-assets.ts';
import { heldRun, staleRead } from '../support/register-result.ts';
import { seriousFaults } from './serious-faults.ts';

const compress = (bytes: Uint8Array): Uint8Array => gzipSync(bytes);
const EVIL = '</script><img src=x onerror="document.title=1">\u202e\'"<!--';

interface Visit {
  readonly page: Page;
  /** Console errors, uncaught errors, policy violations, requests other than for the file itself. */
  readonly complaints: string[];
  close(): Promise<void>;
}

describeInBrowser('the page of a run', (browser) => {
  let folder = '';
  let assets: PageAssets;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'orrery-reports-'));
    assets = bundlePage();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (name: string, document: string): string => {
    const path = join(folder, name);
    writeFileSync(path, document);
    return pathToFileURL(path).href;
  };
  const report = (result: RunResult, options: Partial<HtmlOptions> = {}): string =>
    write('run.html', htmlReport(result, { assets, replayCommand: 'orrery run stale-register', compress, ...options }));
  const ready = (page: Page): Promise<unknown> =>
    page.waitForFunction(() => document.documentElement.dataset['ready'] === 'true');

  test('opens from disk without a complaint, with compressed and with plain data', async () => {
    for (const packed of [{ compress }, {}]) {
      const url = write('packed.html', htmlReport(staleRead().result, { assets, replayCommand: 'x', ...packed }));
      const visit = await open(browser(), url);
      await ready(visit.page);
      expect(await visit.page.locator('#events-said').textContent()).toBe('19 events');
      expect(visit.complaints).toEqual([]);
      await visit.close();
    }
  });

  test('a step outside the recorded window says so, and Escape closes the keys', async () => {
    const { result } = staleRead();
    const partly = { ...result, trace: { ...(result.trace as TraceData), from: 2_500, to: 5_300 } };
    const visit = await open(browser(), report(partly));
    const { page } = visit;
    await ready(page);
    await page.locator('[data-step="1"]').click();
    await page.waitForFunction(() => document.querySelector('#event-detail .warning') !== null);
    expect(await page.locator('#event-detail').textContent()).toBe(
      '0.0020 s: not recorded here. The trace covers 0.0025 s to 0.0053 s.',
    );
    expect(await page.locator('[data-step="1"]').getAttribute('aria-current')).toBe('true');
    await page.keyboard.press('?');
    expect(await page.locator('#keys').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#keys').isVisible()).toBe(false);
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  test('opens on the violation, and keys move the selection, the window and the hash', async () => {
    const { result, rows } = staleRead();
    const visit = await open(browser(), report(result));
    const { page } = visit;
    await ready(page);
    const selected = (): Promise<string | null> => page.locator('.event[aria-selected=true]').getAttribute('data-row');
    const press = async (key: string): Promise<void> => {
      await page.keyboard.press(key);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    };
    expect(await selected()).toBe(String(rows.wrong));
    await press('k');
    expect(await selected()).toBe(String(rows.wrong - 1));
    await press('j');
    await press('p');
    expect(await selected()).toBe(String(rows.wrong - 1));
    await press('n');
    expect(await selected()).toBe(String(rows.wrong));
    expect(page.url()).toContain(`#e=${rows.wrong}&v=`);
    await press('0');
    expect(page.url()).toContain('v=0_10000');
    const whole = await page.locator('#view-said').textContent();
    await press('w');
    expect(await page.locator('#view-said').textContent()).not.toBe(whole);
    await press('2');
    expect(await selected()).toBe(String(rows.elected));
    expect(await page.locator('[aria-current=true]').textContent()).toContain('becomes primary');
    await press('f');
    expect(await selected()).toBe(String(rows.wrong));
    await visit.close();
  });

  test('a link with a hash opens on that event', async () => {
    const { result, rows } = staleRead();
    const visit = await open(browser(), `${report(result)}#e=${rows.elected}&v=1000_9000`);
    await ready(visit.page);
    expect(await visit.page.locator('.event[aria-selected=true]').getAttribute('data-row')).toBe(String(rows.elected));
    expect(await visit.page.locator('#view-said').textContent()).toContain('0.0010 s – 0.0090 s');
    await visit.close();
  });

  test('search keeps the events in which every word occurs', async () => {
    const visit = await open(browser(), report(staleRead().result));
    const { page } = visit;
    await ready(page);
    await page.keyboard.press('/');
    await page.keyboard.type('n1 DROPPED');
    await expect(page.locator('#events-said').textContent()).resolves.toBe('1 of 19 events');
    expect(await page.locator('.event').allTextContents()).toEqual([
      expect.stringContaining('append DROPPED: partition'),
    ]);
    await visit.close();
  });

  test('clicking a message in the diagram selects it in the list', async () => {
    const { result, rows } = staleRead();
    const visit = await open(browser(), report(result));
    const { page } = visit;
    await ready(page);
    const box = await page.locator('#diagram').boundingBox();
    if (box === null) throw new Error('the diagram has no box');
    // Along the lane of n1 there is nothing at the far left: move until something is under the pointer.
    let hit = false;
    for (let x = box.width - 30; x > 80 && !hit; x -= 6) {
      await page.mouse.move(box.x + x, box.y + box.height * 0.4);
      hit = await page.locator('#tip').isVisible();
    }
    expect(hit).toBe(true);
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForFunction((row) => !location.hash.startsWith(`#e=${row}&`), rows.wrong);
    expect(await page.locator('.event[aria-selected=true]').count()).toBe(1);
    await visit.close();
  });

  test('hostile names run nothing and change nothing', async () => {
    const harmless = await open(browser(), report(staleRead().result));
    await ready(harmless.page);
    const scripts = await harmless.page.locator('script').count();
    await harmless.close();
    const visit = await open(browser(), report(staleRead((name) => name + EVIL).result, { replayCommand: EVIL }));
    const { page } = visit;
    await ready(page);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toContain('stale-register');
    expect(await page.locator('script').count()).toBe(scripts);
    expect(await page.locator('.event').first().textContent()).toContain('\\u{202e}');
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  test('names of a megabyte are clipped, and everything still works', async () => {
    const long = 'long'.repeat(250_000);
    const visit = await open(browser(), report(staleRead((name) => (name === 'write' ? long : name)).result));
    const { page } = visit;
    await ready(page);
    expect((await page.locator('body').innerText()).length).toBeLessThan(60_000);
    await page.keyboard.press('k');
    expect(await page.locator('.event[aria-selected=true]').count()).toBe(1);
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  test('forced colours and print show what there is', async () => {
    const visit = await open(browser(), report(staleRead().result), { forcedColors: 'active' });
    const { page } = visit;
    await ready(page);
    expect(await page.locator('#diagram').isVisible()).toBe(true);
    await page.emulateMedia({ media: 'print' });
    for (const part of ['#steps', '#faults', '#checks', '#environment'])
      expect([part, await page.locator(part).isVisible()]).toEqual([part, true]);
    expect(await page.locator('#event-list').isVisible()).toBe(false);
    expect(visit.complaints).toEqual([]);
    await visit.close();
  });

  test('a screen reader finds no serious fault, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const result of [staleRead().result, heldRun()]) {
        const visit = await open(browser(), report(result), { colorScheme, bypassCSP: true });
        await ready(visit.page);
        expect(await seriousFaults(visit.page)).toEqual([]);
        await visit.close();
      }
    }
  });

  test('verdict, steps, faults and limits can be read without scripts', async () => {
    const visit = await open(browser(), report(staleRead().result), { javaScriptEnabled: false });
    const text = await visit.page.locator('body').innerText();
    for (const part of [
      'had been acknowledged 0.7 ms before',
      'n2 becomes primary while n1 still is',
      'had no effect',
      'Not modelled',
      'which did not run',
    ]) {
      expect(text).toContain(part);
    }
    await visit.close();
  });

  test('verdict, steps, faults and diagram fit a screen of 1440 by 900, in both schemes', async () => {
    const pictures: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const visit = await open(browser(), report(staleRead().result), { colorScheme });
      await ready(visit.page);
      const box = await visit.page.locator('#diagram').boundingBox();
      expect((box?.y ?? 1e9) + (box?.height ?? 0)).toBeLessThanOrEqual(900);
      pictures.push((await visit.page.screenshot()).toString('base64'));
      await visit.close();
    }
    expect(pictures[0]).not.toBe(pictures[1]);
  });

  test('a run without a trace and an index of runs are complete pages too', async () => {
    const { trace: _trace, ...bare } = staleRead().result;
    const index = suiteIndex([{ result: staleRead().result, replayCommand: 'x', page: 'run.html' }], { assets });
    for (const url of [report(bare), write('index.html', index)]) {
      const visit = await open(browser(), url, { bypassCSP: true });
      expect(await seriousFaults(visit.page)).toEqual([]);
      expect(visit.complaints).toEqual([]);
      await visit.close();
    }
  });
});

async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url.split('#')[0]) complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}
