/** Histories recorded from real systems, which lie beside the repository where they exist. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from '@jest/globals';

/** Folder of the recorded histories, with a slash at the end; ORRERY_HISTORIES names another place. */
export const historiesFolder: string =
  process.env['ORRERY_HISTORIES']?.replace(/\/*$/, '/') ??
  fileURLToPath(new URL('../../../shared/histories/', import.meta.url));

/**
 * `describe` for tests that read `folder`. Where the folder is absent the body does not run at all, and one skipped test
 * says so in the report.
 */
export function describeIfPresent(folder: string, name: string, body: () => void): void {
  if (existsSync(folder)) describe(name, body);
  else describe(name, () => test.skip(`skipped: there is no folder ${folder}`, () => {}));
}
