import { expect, test } from '@jest/globals';
import { ConfigError } from '../../sim/base/errors.ts';
import { oneOf } from '../../sim/base/one-of.ts';

test('a choice is one of those named', () => {
  expect(oneOf('never', ['always', 'never'], 'disk.fsync')).toBe('never');
});

test.each([
  ['nevr', 'disk.fsync: got "nevr", expected one of always, never; did you mean "never"?'],
  [Number.NaN, 'disk.fsync: got NaN, expected one of always, never'],
  [Infinity, 'disk.fsync: got Infinity, expected one of always, never'],
  [undefined, 'disk.fsync: got undefined, expected one of always, never'],
])('%p is refused by name', (value, message) => {
  expect(() => oneOf<'always' | 'never'>(value as never, ['always', 'never'], 'disk.fsync')).toThrow(ConfigError);
  expect(() => oneOf<'always' | 'never'>(value as never, ['always', 'never'], 'disk.fsync')).toThrow(message);
});
