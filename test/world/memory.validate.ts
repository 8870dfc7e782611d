import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

/** A million deliveries between 1,000 nodes, in a process of its own; it prints deliveries and its peak memory in MiB. */
const PROGRAM = `
  import { World, defineActor, runUntil, DEFAULT_LIMITS, exponential, ms } from './sim/index.ts';
  const world = new World({ seed: 'memory' });
  world.links({ latency: exponential({ mean: ms(1) }) });
  const refs = world.refs('n', 1000);
  const actor = defineActor({
    role: 'relay',
    init: () => ({ seen: 0 }),
    start: (_state, ctx) => ctx.send(refs[(ctx.self.index + 1) % refs.length], 'token', 1),
    on: { token(state, hops, ctx) { state.seen++; ctx.send(ctx.random.pick(refs), 'token', hops + 1); } },
  });
  for (const ref of refs) world.node(ref, { actor });
  world.start();
  while (world.network.delivered < 1_000_000) runUntil(world.queue, world.now + ms(10), DEFAULT_LIMITS, () => world.dispatch());
  console.log(world.network.delivered, process.resourceUsage().maxRSS / 1024);
`;

test('a million deliveries without a trace stay below 500 MiB', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-memory-'));
  try {
    const outfile = join(folder, 'program.mjs');
    const stdin = { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' } as const;
    await build({ stdin, bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'silent' });
    const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const [delivered, peak] = stdout.trim().split(' ').map(Number);
    expect(delivered).toBeGreaterThanOrEqual(1_000_000);
    expect(peak).toBeLessThan(500);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
