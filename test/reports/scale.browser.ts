import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { htmlReport, type PageAssets } from '../../reports/index.ts';
import { describeInBrowser } from '../support/browser.ts';
import { pace } from '../support/pace.ts';
import { bundlePage } from '../support/page-assets.ts';
import { staleRead } from '../support/register-result.ts';
import { busyTrace, RUN } from './busy-trace.ts';
import { visit } from './recorded-page.ts';

/** The machine may be busy with other things: the best of so many attempts counts. */
const ATTEMPTS = 3;

describeInBrowser('large pages', (browser) => {
  let folder = '';
  let assets: PageAssets;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'orrery-scale-'));
    assets = bundlePage();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (messages: number): string => {
    const { result } = staleRead();
    const { trace: _trace, ...rest } = result;
    const trace = busyTrace(messages);
    const names = trace.nodes.map((id) => ({ id, role: 'server', zone: 'a', region: 'r', phase: 'up', status: 'up' }));
    const busy = { ...rest, nodes: names, engine: { ...rest.engine, reached: RUN }, trace };
    const file = join(folder, `${messages}.html`);
    writeFileSync(file, htmlReport(busy, { assets, replayCommand: 'x', compress: (bytes) => gzipSync(bytes) }));
    return pathToFileURL(file).href;
  };

  /** Milliseconds from the start of loading until everything is drawn. */
  const readyIn = async (url: string): Promise<number> => {
    let best = Infinity;
    for (let i = 0; i < ATTEMPTS; i++) {
      const { page, close } = await visit(browser(), url);
      best = Math.min(best, await page.evaluate(() => performance.getEntriesByName('ready')[0]?.startTime ?? Infinity));
      await close();
    }
    return best;
  };

  /** Frames per second while the wheel turns. */
  const framesPerSecond = async (page: Page): Promise<number> =>
    page.evaluate(async () => {
      const canvas = document.getElementById('diagram') as HTMLCanvasElement;
      const turns = 40;
      const began = performance.now();
      for (let i = 0; i < turns; i++) {
        const deltaY = i < turns / 2 ? -30 : 30;
        canvas.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX: 500, clientY: 600, cancelable: true }));
        await new Promise((done) => requestAnimationFrame(done));
      }
      return (turns * 1000) / (performance.now() - began);
    });

  test.each([
    [20_000, 1_000],
    [250_000, 3_000],
  ])('%i messages are drawn within %i ms', async (messages, limit) => {
    expect((await readyIn(write(messages))) / pace()).toBeLessThan(limit);
  });

  test('the wheel zooms 20,000 messages at 30 frames per second or more, from the whole run inwards', async () => {
    const { page, complaints, close } = await visit(browser(), write(20_000));
    await page.keyboard.press('0');
    let best = 0;
    for (let i = 0; i < ATTEMPTS; i++) best = Math.max(best, await framesPerSecond(page));
    expect(best * pace()).toBeGreaterThanOrEqual(30);
    expect(complaints).toEqual([]);
    await close();
  });
});
