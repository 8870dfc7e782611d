/** A search makes thousands of runs in one process: none may leave anything behind for the next. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { scenarios } from '../../scenarios/index.ts';
import { s, type Scenario } from '../../sim/index.ts';
import { run } from '../../sim/run.ts';

/**
 * A long run in turn with fifty short ones, until a thousand short ones are done; in a process of its own, because objects can be
 * counted, after a full collection, only outside of Jest's realm. `LEAK` plants what it must find.
 */
const PROGRAM = `
  import { queryObjects } from 'node:v8';
  import { memoryInUse } from './bench/memory.ts';
  import { groupScenario } from './bench/workloads/group.ts';
  import { run } from './sim/run.ts';
  const digestOf = (seconds, seed) => run({ ...groupScenario, duration: () => seconds * 1_000_000 }, { seed }).digest;
  const digests = [digestOf(0.05, 'short'), digestOf(2, 'long')];
  const seen = new Set();
  globalThis.kept = [];
  const round = () => {
    seen.add(digestOf(2, 'long'));
    for (let i = 0; i < 50; i++) {
      const digest = digestOf(0.05, 'short');
      seen.add(digest);
      if (process.env.LEAK !== undefined) globalThis.kept.push({ digest });
    }
  };
  const objects = () => queryObjects(Object, { format: 'count' });
  for (let i = 0; i < 4; i++) round();
  const before = { memory: memoryInUse(), objects: objects() };
  for (let i = 0; i < 20; i++) round();
  const grown = { objects: objects() - before.objects, memory: memoryInUse() - before.memory };
  console.log(JSON.stringify({ same: [...seen].sort().join() === digests.sort().join(), ...grown }));
`;

async function measured(environment: Readonly<Record<string, string>>): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-runs-'));
  try {
    const outfile = join(folder, 'program.cjs');
    const stdin = { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' } as const;
    await build({ stdin, bundle: true, format: 'cjs', platform: 'node', outfile, logLevel: 'silent' });
    const env = { ...process.env, ...environment };
    const args = ['--disable-warning=ExperimentalWarning', outfile];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a thousand short runs in turn with long ones keep their digests, and nothing piles up', async () => {
  const { same, objects, memory } = (await measured({})) as { same: boolean; objects: number; memory: number };
  expect(same).toBe(true);
  expect(objects).toBeLessThan(100);
  // Texts are no objects: a kilobyte of them a run would be more than the compiler's own ups and downs.
  expect(memory).toBeLessThan(1_500_000);
});

test('one object that each run leaves behind would be seen', async () => {
  const { objects } = (await measured({ LEAK: 'yes' })) as { objects: number };
  expect(objects).toBeGreaterThan(900);
});

test('what ran before, recorded or not, does not matter to any scenario', () => {
  const digestOf = (scenario: Scenario, record: boolean): string => {
    const short: Scenario = {
      ...scenario,
      duration: (params) => Math.min(s(1), scenario.duration(params)),
      build: (context) => scenario.build({ ...context, duration: scenario.duration(context.params) }),
    };
    return run(short, { seed: 'order', record }).digest;
  };
  const first = scenarios.map((scenario) => digestOf(scenario, false));
  const second = scenarios.toReversed().map((scenario, i) => digestOf(scenario, i % 2 === 0));
  expect(second.toReversed()).toEqual(first);
});
