/** The report page's script and style, bundled from the sources as the build does. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PageAssets } from '../../reports/index.ts';

export function bundlePage(): PageAssets {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-page-'));
  try {
    execFileSync(process.execPath, ['scripts/build-page.mjs', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    return {
      script: readFileSync(join(folder, 'page.js'), 'utf8'),
      style: readFileSync(join(folder, 'page.css'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
