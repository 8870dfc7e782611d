import { expect, test } from '@jest/globals';
import { browserPath } from './browser.ts';

const nowhere = (): boolean => false;
const only =
  (path: string) =>
  (candidate: unknown): boolean =>
    candidate === path;

test('a browser in a usual place is found', () => {
  expect(browserPath({}, only('/usr/bin/google-chrome'))).toBe('/usr/bin/google-chrome');
});

test('CHROMIUM goes before the usual places, and a wrong one is an error', () => {
  expect(browserPath({ CHROMIUM: '/opt/chromium' }, () => true)).toBe('/opt/chromium');
  expect(() => browserPath({ CHROMIUM: '/opt/chromium' }, only('/usr/bin/chromium'))).toThrow(
    'CHROMIUM: there is no file /opt/chromium',
  );
});

test('without a browser tests are skipped on a desk and fail on a build machine', () => {
  expect(browserPath({}, nowhere)).toBeUndefined();
  expect(browserPath({ CI: 'false' }, nowhere)).toBeUndefined();
  expect(() => browserPath({ CI: 'true' }, nowhere)).toThrow('a browser is required here');
  expect(() => browserPath({ ORRERY_REQUIRE_BROWSER: '1' }, nowhere)).toThrow('a browser is required here');
});
