/** Whatever somebody writes, the command line answers in its own words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VERSION } from '../../sim/index.ts';
import { attempt } from '../support/attempt-command.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-malformed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('malformed input', () => {
  const mutate = (text: string, at: number, what: number): string =>
    [
      text.slice(0, at),
      `${text.slice(0, at)}${text.slice(at + 1)}`,
      `${text.slice(0, at)}"${text.slice(at)}`,
      `${text.slice(0, at)}9${text.slice(at + 1)}`,
    ][what] as string;

  test('repro files, bent anywhere, give exit 2 or run as what they then are', async () => {
    const good = JSON.stringify({
      schemaVersion: 1,
      scenario: 'split-brain',
      params: { nodes: 3, faultFor: '1s' },
      seed: 's',
      schedule: [{ id: 'F1', kind: 'pause', node: 'n1', at: '1s', for: '10ms' }],
      status: 'held',
      violated: [],
      operations: 0,
      digest: '0123456789abcdef',
      engine: VERSION,
    });
    const path = join(folder, 'bent.json');
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(3), async (at, what) => {
        writeFileSync(path, mutate(good, at, what));
        const { code, err } = await attempt(['replay', path, '--out', join(folder, 'out')]);
        expect([2, 5]).toContain(code);
        expect(err).not.toMatch(/\n {4}at |internal error/);
        if (code === 2) refused++;
      }),
      { numRuns: 100 },
    );
    expect(refused).toBeGreaterThan(60);
  });

  test('parameters and words of any kind never end in an internal error', async () => {
    const names = fc.constantFrom('nodes', 'clients', 'replication', 'faultFor', 'nonsense');
    await fc.assert(
      fc.asyncProperty(names, fc.string(), async (name, value) => {
        const { code, err } = await attempt([
          'run',
          'split-brain',
          '--param',
          `${name}=${value}`,
          '--reporter',
          'silent',
          '--faults',
          join(folder, 'none.json'),
        ]);
        expect(code).toBe(2);
        expect(err).not.toMatch(/\n {4}at |internal error/);
      }),
      { numRuns: 400 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { maxLength: 4 }), async (words) => {
        const { code, err } = await attempt(['replay', ...words.map((word) => word.replace(/^-|last/g, '_'))]);
        expect(code).toBe(2);
        expect(err).not.toMatch(/\n {4}at |internal error/);
      }),
      { numRuns: 200 },
    );
  });
});
