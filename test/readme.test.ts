import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

/**
 * The README's example is real: its files are written to an empty folder, its commands are run there, and what they print must be
 * what the README shows. `ORRERY_UPDATE=1 npm test -- test/readme` writes down what they print now.
 */
test('the README shows what its commands print', () => {
  const readme = readFileSync('README.md', 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'orrery-readme-'));
  try {
    for (const [, name, code] of readme.matchAll(/<!-- example: (\S+) -->\n```ts\n([\s\S]*?)```/g)) {
      writeFileSync(join(folder, name as string), code as string);
    }
    const { GITHUB_ACTIONS: _, ...env } = process.env;
    const executed = readme.replace(/<!-- console -->\n```console\n([\s\S]*?)```/g, (_block, shown: string) => {
      const commands = shown.split('\n').filter((line) => line.startsWith('$ orrery '));
      const lines = commands.flatMap((command) => {
        const words = [...command.slice('$ orrery '.length).matchAll(/'([^']*)'|(\S+)/g)].map(
          ([, q, word]) => q ?? word ?? '',
        );
        const { stdout } = spawnSync(process.execPath, [resolve('dist/cli/orrery.js'), ...words], {
          cwd: folder,
          encoding: 'utf8',
          env,
        });
        return [command, ...stdout.trimEnd().split('\n')];
      });
      return `<!-- console -->\n\`\`\`console\n${lines.join('\n')}\n\`\`\``;
    });
    if (process.env['ORRERY_UPDATE'] === '1') writeFileSync('README.md', executed);
    else expect(readme).toBe(executed);
    expect(executed).toContain('✓ forgetful-store');
    expect(executed).toContain('✗ forgetful-store');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
