/** A real browser for tests: the Chromium of the machine, driven through playwright-core. Nothing is ever downloaded. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** No sandbox, because tests run as root in containers; the rest keeps the browser from talking to anybody. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Path of a Chromium: $CHROMIUM, else the usual places. Without one: undefined, or an Error where ORRERY_REQUIRE_BROWSER or
 * CI is set, so that a build machine cannot pass by skipping.
 */
export function browserPath(environment: NodeJS.ProcessEnv = process.env, exists = existsSync): string | undefined {
  const wanted = environment['CHROMIUM'];
  if (wanted !== undefined && wanted !== '' && !exists(wanted)) throw new Error(`CHROMIUM: there is no file ${wanted}`);
  const path = [wanted, ...PLACES].find((place) => place !== undefined && place !== '' && exists(place));
  if (path === undefined && (isSet(environment['ORRERY_REQUIRE_BROWSER']) || isSet(environment['CI']))) {
    throw new Error(`a browser is required here: install chromium, or set CHROMIUM (looked at ${PLACES.join(', ')})`);
  }
  return path;
}

const isSet = (value: string | undefined): boolean => !['', '0', 'false', undefined].includes(value);

/** A running browser, which the caller closes; undefined where there is none (see browserPath). */
export async function launchBrowser(): Promise<Browser | undefined> {
  const executablePath = browserPath();
  return executablePath === undefined ? undefined : chromium.launch({ executablePath, args: ARGUMENTS });
}

/** `describe` with one browser for the whole group; without a browser one skipped test says so (see browserPath). */
export function describeInBrowser(name: string, body: (browser: () => Browser) => void): void {
  if (browserPath() === undefined) {
    describe(name, () => test.skip('skipped: there is no Chromium on this machine', () => {}));
    return;
  }
  describe(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser?.close());
    body(() => {
      if (browser === undefined) throw new Error('the browser starts before the first test: ask for it inside a test');
      return browser;
    });
  });
}
