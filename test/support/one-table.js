/** Prints what the oracle tests have compared, whichever files and workers they were in, as one table. A reporter for Jest. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default class OneTable {
  onRunStart() {
    this.folder = mkdtempSync(join(tmpdir(), 'orrery-oracles-'));
    const file = join(this.folder, 'lines');
    writeFileSync(file, '');
    // Workers start later and inherit it.
    process.env.ORRERY_ORACLE_LINES = file;
  }

  onRunComplete() {
    const lines = readFileSync(process.env.ORRERY_ORACLE_LINES, 'utf8').split('\n').filter(Boolean);
    rmSync(this.folder, { recursive: true });
    if (lines.length === 0) return;
    const order = new Intl.Collator('en', { numeric: true });
    const off = lines.filter((line) => line.includes('OFF BY')).length;
    const head = ['row'.padEnd(44), 'published'.padStart(11), 'simulated ± 4 SE'.padStart(22), 'verdict'].join('  ');
    const last = `${lines.length} lines, ${off} off`;
    process.stderr.write(['', head, ...lines.sort(order.compare), last, ''].join('\n'));
  }
}
