/**
 * Bundles the report page's script and style from reports/page/ into two files, page.js and page.css.
 * Usage: node scripts/build-page.mjs <folder>, default dist/reports.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: [
    { in: 'reports/page/main.ts', out: 'page' },
    { in: 'reports/page/page.css', out: 'page' },
  ],
  outdir: process.argv[2] ?? 'dist/reports',
  bundle: true,
  minify: true,
  // Neutral: whatever reaches for a Node API fails to build.
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['orrery-source'],
  format: 'iife',
  target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
  legalComments: 'none',
  logLevel: 'warning',
});
