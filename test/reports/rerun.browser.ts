import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { headline } from '../../reports/index.ts';
import { necessity, parseRepro, parseSchedule, replay, run, type NecessityRow } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { describeInBrowser } from '../support/browser.ts';
import { pace } from '../support/pace.ts';
import { PageFolder, saidAgain, visit } from './recorded-page.ts';
import { seriousFaults } from './serious-faults.ts';

const named = (name: string): Scenario => {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
};

const failing = scenarios.filter((scenario) => run(scenario, { seed: scenario.seed }).status === 'violated');

/** What becomes of a failing scenario without each of its faults. */
function necessityOf(scenario: Scenario): readonly NecessityRow[] {
  const result = run(scenario, { seed: scenario.seed });
  const { seed, params, schedule } = result;
  const property = headline(result).verdict?.check ?? '';
  return necessity(scenario, { seed, params, faults: parseSchedule(schedule) }, { property });
}

/** Milliseconds until the states at an instant are there; in the page. */
async function scrubTo(share: number): Promise<number> {
  const scrub = document.getElementById('scrub') as HTMLInputElement;
  const row = 1 + Math.floor((Number(scrub.max) - 1) * share);
  const began = performance.now();
  scrub.value = String(row);
  scrub.dispatchEvent(new Event('input'));
  const said = (): string => document.getElementById('state-said')?.textContent ?? '';
  while (!said().includes(`event ${row} `)) await new Promise((done) => setTimeout(done, 5));
  return performance.now() - began;
}

describeInBrowser('a page that runs its run again', (browser) => {
  let folder: PageFolder;
  beforeAll(() => {
    folder = new PageFolder();
  });
  afterAll(() => folder.remove());

  const compared = async (page: Page): Promise<string> => {
    await page.locator('.compared').waitFor({ timeout: 60_000 });
    return page.locator('.compared').innerText();
  };

  /** Unticks the first fault that the table calls needed, and ticks it again; undefined when there is none. */
  const averted = async (page: Page): Promise<string | undefined> => {
    const needed = page.locator('#faults tr', { hasText: '✓ passes' });
    if ((await needed.count()) === 0) return undefined;
    const box = needed.first().locator('[data-fault]');
    await box.uncheck();
    const text = await compared(page);
    await box.check();
    await page.waitForFunction(() => document.querySelector('.compared') === null);
    return text;
  };

  test('every bundled scenario that fails comes to its digest; without a fault that is needed it holds, and with it again it fails', async () => {
    const left = [...failing];
    const said: [string, string][] = [];
    const [holds, averts]: [string[], string[]] = [[], []];
    const complained: string[] = [];
    const worker = async (): Promise<void> => {
      for (let scenario = left.shift(); scenario !== undefined; scenario = left.shift()) {
        const { name } = scenario;
        const rows = necessityOf(scenario);
        if (rows.some(({ without }) => without === 'passes')) averts.push(name);
        const { page, complaints, close } = await visit(browser(), folder.write(scenario, { necessity: rows }).url);
        said.push([name, await saidAgain(page)]);
        const text = await averted(page);
        if (text?.includes('✓ holds: ') === true) holds.push(name);
        // As it was: the line on the digest stands there once more.
        said.push([name, await saidAgain(page)]);
        complained.push(...complaints.map((complaint) => `${name}: ${complaint}`));
        await close();
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    const names = failing.map(({ name }) => name).sort();
    for (const [name, text] of said)
      expect([name, text]).toEqual([name, expect.stringMatching(/^✓ Run again in this page: digest equal/)]);
    expect([...new Set(said.map(([name]) => name))].sort()).toEqual(names);
    expect(averts.length).toBeGreaterThan(10);
    expect(holds.sort()).toEqual(averts.sort());
    expect(complained).toEqual([]);
  }, 900_000);

  test('a page whose recorded digest is another says that it is not reproduced', async () => {
    const { url } = folder.write(named('canary'), { digest: '0123456789abcdef' });
    const { page, close } = await visit(browser(), url);
    expect(await saidAgain(page)).toMatch(/^✗ NOT REPRODUCED: .* recorded was 0123456789abcdef$/);
    await close();
  });

  test('a page without a trace makes it, and shows the same events', async () => {
    const scenario = named('lease-drift');
    const rows: (string | null)[] = [];
    for (const trace of [true, false]) {
      const { page, complaints, close } = await visit(browser(), folder.write(scenario, { trace }).url);
      await saidAgain(page);
      rows.push(await page.locator('#events-said').textContent());
      rows.push(await page.locator('.event[aria-selected=true]').textContent());
      expect(complaints).toEqual([]);
      await close();
    }
    expect(rows.slice(0, 2)).toEqual(rows.slice(2));
    expect(rows[0]).toMatch(/^\d,\d{3} events$/);
  });

  test('without a fault that is called needed the property holds, and with it again the page is as it was', async () => {
    const { page, complaints, close } = await visit(browser(), folder.write(named('lost-message')).url);
    const before = await saidAgain(page);
    await page.locator('#faults-title', { hasText: 'needed for this failure' }).waitFor();
    const needed = page.locator('#faults tr', { hasText: '✓ passes' });
    expect(await needed.count()).toBeGreaterThan(0);
    const steps = await page.locator('#steps').innerText();
    const box = needed.first().locator('[data-fault]');
    await box.uncheck();
    const text = await compared(page);
    expect(text).toContain('✓ holds: ');
    expect(text).toMatch(/Changed without F\d/);
    expect(text).toMatch(/First difference at \d/);
    expect(await page.locator('#rerun-said').textContent()).toMatch(/^You are looking at a changed past: /);
    await box.check();
    await page.waitForFunction(() => document.querySelector('.compared') === null);
    expect(await page.locator('#rerun-said').textContent()).toBe(before);
    expect(await page.locator('#steps').innerText()).toBe(steps);
    expect(complaints).toEqual([]);
    await close();
  });

  test('a moved fault, another seed and another parameter give a repro that replays to the same digest', async () => {
    const scenario = named('lease-drift');
    const { page, complaints, close } = await visit(browser(), folder.write(scenario).url);
    await saidAgain(page);
    await page.locator('[data-edit]').first().click();
    await page.locator('input[name$=".at"]').fill('3.5s');
    await page.keyboard.press('Enter');
    expect(await compared(page)).toMatch(/at \S+ → 3\.5s/);
    await page.locator('.seed-and-parameters summary').click();
    await page.locator('input[name="past.seed"]').fill('another');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      document.querySelector('.compared')?.textContent?.includes('seed lease-drift → another'),
    );
    await page.locator('input[name="past.term"]').fill('1500ms');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.compared')?.textContent?.includes('term 1s → 1.5s'));
    // The old and the new verdict, side by side.
    expect(await page.locator('.compared').innerText()).toMatch(
      /✗ violated: at most one holder acts[\s\S]*✗ still violated: at most one holder acts/,
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download this as a repro' }).click(),
    ]);
    const repro = parseRepro(JSON.parse(readFileSync(await download.path(), 'utf8')));
    expect(repro).toMatchObject({ seed: 'another', params: { term: 1_500_000 } });
    expect(replay(scenario, repro).outcome).toBe('identical');
    expect(complaints).toEqual([]);
    await close();
  });

  test('an edit that makes no sense is refused with its reason', async () => {
    const { page, complaints, close } = await visit(browser(), folder.write(named('lease-drift')).url);
    await saidAgain(page);
    await page.locator('[data-edit]').first().click();
    await page.locator('input[name$=".at"]').fill('soon');
    await page.keyboard.press('Enter');
    await page.locator('#past .warning').waitFor();
    expect(await page.locator('#past .warning').textContent()).toContain('faults[0].at: got "soon", expected');
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await saidAgain(page)).toMatch(/^✓ Run again in this page/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('the states follow the selection', async () => {
    const { page, complaints, close } = await visit(browser(), folder.write(named('split-brain')).url);
    await saidAgain(page);
    const cards = page.locator('#state-nodes .state');
    await cards.first().waitFor();
    expect(await cards.count()).toBe(10);
    expect(await page.locator('#state-changes').innerText()).toContain('→');
    await page.locator('#state-all').check();
    await page.locator('.state').first().getByRole('button', { name: 'term', exact: true }).click();
    expect(await page.locator('#state-tracks .track').getAttribute('aria-label')).toMatch(/^n1 term over time.*: 2/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('any instant of a run of 100,000 messages is there in less than a second, while the page finds out other things', async () => {
    const { url } = folder.write(named('asymmetric-partition'), {
      params: { clients: 20, nodes: 7, think: '20ms' },
      record: { maxRows: 800_000 },
      trace: false,
    });
    const { page, complaints, close } = await visit(browser(), url);
    await saidAgain(page);
    await page.locator('#state-nodes .state').first().waitFor();
    const messages = /([\d,]+) messages/.exec((await page.locator('.identity').textContent()) ?? '')?.[1];
    expect(Number(messages?.replaceAll(',', ''))).toBeGreaterThan(100_000);
    await page.getByRole('button', { name: 'Find out' }).click();
    // The machine may be busy with other things: the best of three rounds counts, each with instants of its own.
    let longest = Infinity;
    for (let round = 0; round < 3 && longest >= 1_000; round++) {
      const shares = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { numRuns: 20, seed: round });
      const took: number[] = [];
      for (const share of shares) took.push(await page.evaluate(scrubTo, share));
      longest = Math.max(...took);
    }
    expect(longest / pace()).toBeLessThan(1_000);
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(complaints).toEqual([]);
    await close();
  }, 300_000);

  test('the causal past of an event stands out, and a link keeps it', async () => {
    const { page, complaints, close } = await visit(browser(), folder.write(named('lease-drift')).url);
    await saidAgain(page);
    const plain = (await page.locator('#diagram').screenshot()).toString('base64');
    await page.keyboard.press('c');
    await page.waitForURL(/&c=1$/);
    expect(await page.locator('#show-past').getAttribute('aria-pressed')).toBe('true');
    expect((await page.locator('#diagram').screenshot()).toString('base64')).not.toBe(plain);
    expect(await page.locator('#event-detail .trail button').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await close();
  });

  test('the curve of inevitability is drawn while it is found out, and stops when told', async () => {
    const { page, complaints, close } = await visit(browser(), folder.write(named('canary')).url);
    await saidAgain(page);
    await page.getByRole('button', { name: 'Find out' }).click();
    await page.locator('.probability .dot').nth(3).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Find out' }).waitFor();
    expect(await page.locator('#inevitability-said').innerText()).toMatch(/^\d+ redrawn runs: /);
    expect(complaints).toEqual([]);
    await close();
  });

  test('a screen reader finds no serious fault in a page with a changed past', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, close } = await visit(browser(), folder.write(named('lease-drift')).url, {
        colorScheme,
        bypassCSP: true,
      });
      await saidAgain(page);
      await page.locator('[data-edit]').first().click();
      await page.locator('.seed-and-parameters summary').click();
      await page.locator('[data-fault]').first().uncheck();
      await compared(page);
      expect(await seriousFaults(page)).toEqual([]);
      await close();
    }
  });

  test('hostile text in an edit runs nothing', async () => {
    const { page, complaints, close } = await visit(browser(), folder.write(named('canary')).url);
    await saidAgain(page);
    await page.locator('.seed-and-parameters summary').click();
    for (const evil of ['</script><img src=x onerror="document.title=1">\u202e', 'x'.repeat(1_000_000)]) {
      await page.locator('input[name="past.seed"]').fill(evil);
      await page.keyboard.press('Enter');
      await page.locator('.compared', { hasText: evil.slice(0, 8) }).waitFor({ timeout: 30_000 });
      expect(await page.locator('img').count()).toBe(0);
      expect((await page.locator('#past').innerText()).length).toBeLessThan(3_000);
    }
    expect(await page.title()).toContain('canary');
    expect(complaints).toEqual([]);
    await close();
  });

  test('a fault is dragged in the diagram', async () => {
    const { page, complaints, close } = await visit(browser(), folder.write(named('stale-read')).url);
    await saidAgain(page);
    await page.locator('[data-fault]').first().waitFor();
    await page.keyboard.press('0');
    const box = await page.locator('#diagram').boundingBox();
    if (box === null) throw new Error('the diagram has no box');
    // The bars lie above the lanes: look for one with the pointer.
    let [x, y] = [0, 0];
    for (y = 12; y < 60 && x === 0; y += 4) {
      for (let across = 80; across < box.width && x === 0; across += 12) {
        await page.mouse.move(box.x + across, box.y + y);
        if ((await page.locator('#diagram').evaluate((canvas) => canvas.style.cursor)) === 'grab') x = across;
      }
    }
    expect(x).toBeGreaterThan(0);
    await page.mouse.down();
    await page.mouse.move(box.x + x + 60, box.y + y - 4, { steps: 4 });
    await page.mouse.up();
    expect(await compared(page)).toMatch(/Changed F\d at \S+ → \S+/);
    expect(complaints).toEqual([]);
    await close();
  });
});
