import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { run } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { describeInBrowser } from '../support/browser.ts';

/** The engine and every bundled scenario as one script; `platform: neutral` proves that no Node API can be reached. */
async function engineScript(): Promise<string> {
  const entry = `
    import { run } from './sim/index.ts';
    import { scenarios } from './scenarios/index.ts';
    globalThis.digestOf = (name, seed, record) =>
      run(scenarios.find((scenario) => scenario.name === name), { seed, record }).digest;
  `;
  const built = await build({
    stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    // immer asks which build it is; nothing else reads anything of Node.
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  return built.outputFiles[0]?.text ?? '';
}

describeInBrowser('in headless Chromium', (browser) => {
  test('every bundled scenario gives the digest that it gives here', async () => {
    const page = await browser().newPage();
    await page.addScriptTag({ content: await engineScript() });
    const there: Record<string, string> = {};
    const here: Record<string, string> = {};
    for (const scenario of scenarios) {
      const { name, seed } = scenario;
      there[name] = await page.evaluate(
        ([which, with_]) =>
          (globalThis as unknown as { digestOf(name: string, seed: string, record: boolean): string }).digestOf(
            which,
            with_,
            false,
          ),
        [name, seed] as const,
      );
      here[name] = run(scenario, { seed }).digest;
    }
    expect(there).toEqual(here);
    await page.close();
  });
});
