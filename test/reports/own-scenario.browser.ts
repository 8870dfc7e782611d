import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeInBrowser } from '../support/browser.ts';
import { saidAgain, visit } from './recorded-page.ts';

const BIN = resolve('dist/cli/orrery.js');

/** Two nodes that play ball: until one does not return it. */
const OWN = `
import { always, count, defineActor, defineScenario, s, violates } from 'orrery';
interface Player { balls: number }
interface Ball { ball(payload: object): void }
export default defineScenario({
  name: 'own-game',
  question: 'Does a game end?',
  params: { most: count(40, { doc: 'balls until it has been too many' }), last: count(100, { doc: 'ball that is not returned' }) },
  duration: s(90),
  recovery: false,
  expect: violates('few balls'),
  build({ world, params }) {
    const [left, right] = world.refs<Ball>('p', 2);
    const player = (other: typeof left) => defineActor<Player, Ball>({
      role: 'player',
      init: () => ({ balls: 0 }),
      on: { ball(state, _payload, ctx) {
        state.balls++;
        if (other !== undefined && state.balls < params.last) ctx.send(other, 'ball', {});
      } },
      start: (_state, ctx) => { if (other === right && right !== undefined) ctx.send(right, 'ball', {}); },
    });
    if (left !== undefined) world.node(left, { actor: player(right) });
    if (right !== undefined) world.node(right, { actor: player(left) });
    return { left };
  },
  checks: ({ left, params }) => [
    always('few balls', (view) => left === undefined || (view.state<Player>(left)?.balls ?? 0) < params.most),
  ],
});
`;

describeInBrowser('the page of one’s own scenario', (browser) => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'orrery-own-'));
    writeFileSync(join(folder, 'own.ts'), OWN);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const orrery = (...args: string[]): string => {
    const { stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd: folder, encoding: 'utf8' });
    return stdout + stderr;
  };
  const pageOf = (out: string): string => join(folder, out, 'own-game-own-game.html');

  test('carries the simulator, and what is changed in it replays on the command line', async () => {
    for (const pages of ['recorded', 'seed']) {
      expect(orrery('run', 'own.ts', '--reporter', 'html', '--pages', pages, '--out', pages)).toContain('own-game');
      const { page, complaints, close } = await visit(browser(), pathToFileURL(pageOf(pages)).href);
      expect(await saidAgain(page)).toMatch(/^✓ Run again in this page: digest equal/);
      expect(await page.locator('#events-said').textContent()).toMatch(/^[\d,]+ events$/);
      await page.locator('.seed-and-parameters summary').click();
      await page.locator('input[name="past.most"]').fill('30');
      await page.keyboard.press('Enter');
      await page.locator('.compared', { hasText: 'most 40 → 30' }).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download this as a repro' }).click(),
      ]);
      const repro = join(folder, pages, download.suggestedFilename());
      await download.saveAs(repro);
      expect(orrery('replay', repro)).toContain('replay: identical');
      expect(orrery('replay', pageOf(pages))).toContain('replay: identical');
      expect(complaints).toEqual([]);
      await close();
    }
    expect(statSync(pageOf('seed')).size).toBeLessThan(statSync(pageOf('recorded')).size);
  });

  test('of a run too long to be recorded whole shows the stretch around the violation, and says so', async () => {
    const long = ['-p', 'most=100000', '-p', 'last=140000'];
    orrery('run', 'own.ts', ...long, '--reporter', 'html', '--out', 'long');
    const name = readdirSync(join(folder, 'long')).find((file) => /^own-game.*\.html$/.test(file)) ?? '';
    const { page, complaints, close } = await visit(browser(), pathToFileURL(join(folder, 'long', name)).href);
    expect(await saidAgain(page)).toMatch(/^✓ Run again in this page: digest equal/);
    const said = (await page.locator('[data-part=missing]').textContent()) ?? '';
    const [, from, to, end] = /Only a window was recorded: ([\d.]+) s to ([\d.]+) s of\s+([\d.]+) s/.exec(said) ?? [];
    const failed = /failed at\s*([\d.]+) s/.exec((await page.locator('.identity').textContent()) ?? '')?.[1];
    expect(Number(from)).toBeGreaterThan(0);
    expect(Number(failed)).toBeGreaterThan(Number(from));
    expect(Number(failed)).toBeLessThan(Number(to));
    expect(Number(to)).toBeLessThan(Number(end));
    expect(complaints).toEqual([]);
    await close();
  });
});
