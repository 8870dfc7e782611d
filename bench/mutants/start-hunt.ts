/** Runs a hunting program in a thread. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Hunt, Hunted } from './hunt.ts';

/** One result for each of the hunt's seeds. Rejects when the program throws. */
export async function startHunt(program: string, hunt: Hunt): Promise<readonly Hunted[]> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-mutant-'));
  try {
    const file = join(folder, 'hunt.mjs');
    writeFileSync(file, program);
    return await new Promise((resolve, reject) => {
      const worker = new Worker(file, { workerData: hunt });
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the hunt ended without a result, with code ${code}`)));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
