/** The report page's script and style, bundled from the sources as the build does. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PageAssets } from '../../reports/index.ts';

/** What `scripts/build-page.mjs` has put into a folder. */
export function pageAssetsIn(folder: string): Required<PageAssets> {
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
  return {
    script: text('page.js'),
    style: text('page.css'),
    loader: text('load.js'),
    seedLoader: text('load-seed.js'),
  };
}

export function bundlePage(): Required<PageAssets> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-page-'));
  try {
    execFileSync(process.execPath, ['scripts/build-page.mjs', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    return pageAssetsIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
