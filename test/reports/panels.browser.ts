import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { comparisonPage } from '../../reports/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { compareDesigns } from '../../sim/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { describeInBrowser } from '../support/browser.ts';
import { bundlePage } from '../support/page-assets.ts';
import { PageFolder, visit, type Visit } from './recorded-page.ts';
import { seriousFaults } from './serious-faults.ts';

const named = (name: string): Scenario => scenarios.find((scenario) => scenario.name === name) as Scenario;
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describeInBrowser('the panels of a page', (browser) => {
  let folder: PageFolder;
  const urls = new Map<string, string>();
  beforeAll(() => {
    const shown = ['lease-drift', 'canary', 'limiter-fail-open'];
    folder = new PageFolder(shown);
    for (const name of shown) urls.set(name, folder.write(named(name)).url);
  });
  afterAll(() => folder.remove());

  const opened = (name: string, options: BrowserContextOptions = {}, hash = ''): Promise<Visit> =>
    visit(browser(), `${urls.get(name) as string}${hash}`, options);
  const frames = (page: Visit['page']): Promise<unknown> =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

  test('a bar of an operation selects its event, by pointer and by key, and follows the selection', async () => {
    const { page, complaints, close } = await opened('canary');
    const illegal = page.locator('.op.illegal').last();
    const row = (await illegal.getAttribute('href'))?.slice('#e='.length);
    await illegal.locator('path').click();
    await frames(page);
    const selected = page.locator('.event[aria-selected=true]');
    expect(await selected.getAttribute('data-row')).toBe(row);
    expect(await illegal.getAttribute('aria-current')).toBe('true');
    expect(page.url()).toContain(`#e=${row}&v=`);
    // The next bar by key; the first is marked no more.
    const other = page.locator('.op.legal').first();
    await other.focus();
    await page.keyboard.press('Enter');
    await frames(page);
    expect(await selected.getAttribute('data-row')).toBe((await other.getAttribute('href'))?.slice('#e='.length));
    expect(await illegal.getAttribute('aria-current')).toBeNull();
    expect(await other.getAttribute('aria-current')).toBe('true');
    expect(complaints).toEqual([]);
    await close();
  });

  test('a link to an event alone brings its instant into view', async () => {
    const { page, close } = await opened('lease-drift', {}, '#event=4000');
    await frames(page);
    const [from, to] = (/v=(\d+)_(\d+)/.exec(page.url()) ?? []).slice(1).map(Number) as [number, number];
    const text = await page.locator('.event[aria-selected=true] .at').textContent();
    expect(Number(text) * 1e6).toBeGreaterThan(from);
    expect(Number(text) * 1e6).toBeLessThan(to);
    await close();
  });

  test('the state at the cursor tells clocks, leases and tokens, changed or not', async () => {
    const { page, complaints, close } = await opened('lease-drift');
    const card = page.locator('.state', { hasText: 'h1' }).filter({ hasText: 'its clock' });
    await card.waitFor();
    expect((await card.locator('dl').innerText()).replace(/\s+/g, ' ')).toMatch(
      /^its clock 3\.6037 s, 687\.3 ms behind, runs ×0\.7 token 4 validUntil 3\.8329 s, 229\.1 ms left by its clock/,
    );
    const service = page.locator('.state').filter({ hasText: 'lease-service' });
    expect(await service.locator('dt').allTextContents()).toEqual(
      expect.arrayContaining(['holder', 'token', 'expiresAt']),
    );
    expect(complaints).toEqual([]);
    await close();
  });

  test('gates show their states, and stay when the page has run its run again', async () => {
    const { page, complaints, close } = await opened('limiter-fail-open');
    const names = async (): Promise<string[]> => page.locator('.strip-row p > bdi').allTextContents();
    expect(await names()).toEqual(['g1 gate', 'g2 gate', 'g3 gate', 'g4 gate']);
    expect(await page.locator('.strip path.bad').count()).toBe(4);
    await page.locator('input[data-fault=F1]').uncheck();
    await page.locator('.compared').waitFor({ timeout: 60_000 });
    expect(await names()).toHaveLength(4);
    expect(await page.locator('.strip path.bad').count()).toBe(0);
    expect(await page.locator('#operations').count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  test('on a phone nothing but a figure or a table is wider than the screen', async () => {
    for (const name of urls.keys()) {
      const { page, complaints, close } = await opened(name, PHONE);
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll('main *, .verdict *')]
          .filter((one) => one.closest('.table-frame, svg, .line-chart, #event-list') === null)
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
          .map((one) => `${one.tagName} ${one.className}`),
      );
      expect([name, wide]).toEqual([name, []]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      // The end of the story is in sight.
      const figure = page.locator('.table-frame:has(.operations)').first();
      const [end, edge] = await figure.evaluate((frame) => [
        frame.querySelector('.failure-line')?.getBoundingClientRect().left ?? 0,
        frame.getBoundingClientRect().right,
      ]);
      if (name !== 'lease-drift') expect(end).toBeLessThanOrEqual(edge as number);
      expect(complaints).toEqual([]);
      await close();
    }
  });

  test('printed, the first page is the verdict, what happened and the faults, and no control is left', async () => {
    const { page, close } = await opened('canary');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.summary').evaluate((one) => getComputedStyle(one).breakAfter)).toBe('page');
    const bottom = await page.locator('.summary').evaluate((one) => one.getBoundingClientRect().bottom + scrollY);
    // A4 with the browser's margins, 96 dots to the inch.
    expect(bottom).toBeLessThan(1_040);
    const shown = page.locator('button:visible, input:visible, select:visible');
    const controls = await shown.evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 80)));
    expect(controls.filter((one) => !/data-step|data-fault|plain|data-row/.test(one))).toEqual([]);
    await close();
  });

  test('axe finds nothing serious in the panels, in light, in dark, and in forced colours', async () => {
    for (const options of [{}, { colorScheme: 'dark' }, { forcedColors: 'active' }] as const) {
      const { page, close } = await opened('canary', { ...options, bypassCSP: true });
      expect(await seriousFaults(page)).toEqual([]);
      await close();
    }
  });

  test('a comparison stands side by side, needs no script and no network, and fits a phone', async () => {
    const comparison = compareDesigns(
      { scenario: named('lease-drift') },
      { scenario: named('lease-drift-fenced') },
      { seed: 's', replications: 3 },
    );
    const head = { title: 'compare', question: '?', seed: 's', replications: 3, command: 'orrery compare' };
    const path = join(folder.path, 'comparison.html');
    writeFileSync(path, comparisonPage(head, comparison, ['naive', 'sound'], bundlePage()));
    for (const options of [{}, PHONE]) {
      const context = await browser().newContext({ ...options, javaScriptEnabled: options !== PHONE, bypassCSP: true });
      const page = await context.newPage();
      await page.goto(pathToFileURL(path).href);
      expect(await page.locator('.design h3').allTextContents()).toEqual(['naive', 'sound']);
      expect(await page.locator('.course').count()).toBe(4);
      expect(await page.locator('.design').first().innerText()).toContain('✗ 3 violated');
      expect(await page.locator('.pair').count()).toBeGreaterThan(4);
      if (options !== PHONE) expect(await seriousFaults(page)).toEqual([]);
      await context.close();
    }
  });
});
