import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { scenarios } from '../../scenarios/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { describeInBrowser } from '../support/browser.ts';
import { PageFolder, saidAgain, visit } from './recorded-page.ts';
import { seriousFaults } from './serious-faults.ts';

/** Bytes of a page without its trace. */
const MOST = 130_000;

const named = (name: string): Scenario => {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
};

describeInBrowser('a page that carries a seed in place of a trace', (browser) => {
  let folder: PageFolder;
  beforeAll(() => {
    folder = new PageFolder(['lease-drift', 'canary', 'raft-volatile-vote', 'split-brain']);
  });
  afterAll(() => folder.remove());

  /** What every part of the page says. */
  const textsOf = (page: Page): Promise<readonly string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('header, main section')].map(
        ({ id, textContent }) => `${id}: ${(textContent ?? '').replace(/\s+/g, ' ')}`,
      ),
    );

  test('is small, runs its run on opening and then shows what a page with the trace shows', async () => {
    const shown: (readonly string[])[] = [];
    for (const seedOnly of [false, true]) {
      const { url, bytes } = folder.write(named('lease-drift'), { seedOnly });
      if (seedOnly) expect(bytes).toBeLessThan(MOST);
      const { page, complaints, close } = await visit(browser(), url);
      expect(await saidAgain(page)).toMatch(/^✓ Run again in this page: digest equal/);
      await page.locator('#faults-title', { hasText: 'needed for this failure' }).waitFor();
      await page.locator('#state-nodes .state').first().waitFor();
      shown.push(await textsOf(page));
      expect(await page.locator('#charts canvas').count()).toBeGreaterThan(0);
      expect(complaints).toEqual([]);
      await close();
    }
    expect(shown[1]).toEqual(shown[0]);
    expect(shown[0]?.length).toBeGreaterThan(8);
  });

  test.each(['raft-volatile-vote', 'split-brain'])(
    'is small with the large simulator of %s too, and comes to its digest',
    async (name) => {
      const { url, bytes } = folder.write(named(name), { seedOnly: true });
      expect(bytes).toBeLessThan(MOST);
      const { page, complaints, close } = await visit(browser(), url);
      expect(await saidAgain(page)).toMatch(/^✓ Run again in this page: digest equal/);
      expect(await page.locator('#operations a.op').count()).toBeGreaterThan(0);
      expect(complaints).toEqual([]);
      await close();
    },
  );

  test('can be changed as one with the trace, is small with a checker of linearizability too, and has no serious fault', async () => {
    const { url, bytes } = folder.write(named('canary'), { seedOnly: true });
    expect(bytes).toBeLessThan(MOST);
    const { page, close } = await visit(browser(), url, { bypassCSP: true });
    const before = await saidAgain(page);
    const measured = await page.locator('#measures').innerText();
    await page.locator('.seed-and-parameters summary').click();
    await page.locator('input[name="past.seed"]').fill('another');
    await page.keyboard.press('Enter');
    await page.locator('.compared', { hasText: 'seed canary → another' }).waitFor({ timeout: 60_000 });
    expect(await page.locator('#measures').innerText()).not.toBe(measured);
    await page.getByRole('button', { name: 'Reset to the recorded run' }).click();
    await page.waitForFunction(() => document.querySelector('.compared') === null);
    expect(await page.locator('#rerun-said').textContent()).toBe(before);
    expect(await page.locator('#measures').innerText()).toBe(measured);
    expect(await seriousFaults(page)).toEqual([]);
    await close();
  });

  test('whose digest is another says that it is not reproduced, and keeps to what was recorded', async () => {
    const { url } = folder.write(named('lease-drift'), { seedOnly: true, digest: '0123456789abcdef' });
    const { page, complaints, close } = await visit(browser(), url);
    expect(await saidAgain(page)).toMatch(/^✗ NOT REPRODUCED: .* recorded was 0123456789abcdef$/);
    expect(await page.locator('#checks').innerText()).toContain('at most one holder acts');
    expect(await page.locator('#events-said').textContent()).toBe('0 events');
    expect(complaints).toEqual([]);
    await close();
  });

  test('tells the verdict, what happened and the faults without scripts', async () => {
    const { url } = folder.write(named('lease-drift'), { seedOnly: true });
    const context = await browser().newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(url);
    const text = await page.locator('body').innerText();
    for (const part of ['at most one holder acts', 'h2 becomes holding while h1 still is', 'clock of h1 ×0.7'])
      expect(text).toContain(part);
    await context.close();
  });
});
