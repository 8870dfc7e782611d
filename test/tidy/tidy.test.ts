/** Tidy is a test: each rule is shown to fire on a planted violation and to accept its neighbour, then all look at the tree. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { banned } from './banned.ts';
import { cycles } from './cycles.ts';
import { deadExports } from './dead-exports.ts';
import { directions } from './directions.ts';
import { findingText, type Rule } from './finding.ts';
import { notesToSelf, outsidePaths, switchedOffTests } from './left-overs.ts';
import { parseModule } from './module.ts';
import { names } from './names.ts';
import { fileSizes, functionSizes, MAX_FILE_LINES, MAX_FUNCTION_LINES } from './sizes.ts';
import { readSourceTree } from './source-tree.ts';

type Files = Readonly<Record<string, string>>;

const findingsOf = (rule: Rule, files: Files): string[] =>
  rule(Object.entries(files).map(([path, text]) => parseModule(path, text))).map(findingText);

/** Only where: `sim/base/a.ts:3`. */
const placesOf = (rule: Rule, files: Files): string[] =>
  findingsOf(rule, files).map((text) => text.split(':').slice(0, 2).join(':'));

const linesOfCode = (count: number): string => 'x();\n'.repeat(count);

describe('directions', () => {
  test.each([
    ['sim/base/time.ts', `import { stream } from '../random/stream.ts';`],
    ['sim/base/time.ts', `import type { Stream } from '../random/stream.ts';`],
    ['sim/base/time.ts', `let s: import('../random/stream.ts').Stream;`],
    ['sim/base/time.ts', `export * from '../world/world.ts';`],
    ['sim/base/time.ts', `import('../world/world.ts');`],
    ['sim/trace/trace.ts', `import { histogram } from '../metrics/histogram.ts';`],
    ['sim/check/verdict.ts', `import { run } from '../run.ts';`],
    ['sim/run.ts', `import { search } from './search/search.ts';`],
    ['sim/world/node.ts', `import { run } from '../index.ts';`],
    ['sim/world/node.ts', `import { raft } from '../../models/raft/raft.ts';`],
    ['sim/world/node.ts', `import { raft } from 'orrery/models';`],
    ['models/raft/raft.ts', `import { us } from '../../sim/base/time.ts';`],
    ['models/raft/raft.ts', `import type { Micros } from '../../sim/base/time.ts';`],
    ['models/raft/raft.ts', `import { splitBrain } from '../../scenarios/split-brain.ts';`],
    ['scenarios/split-brain.ts', `import { node } from '../sim/world/node.ts';`],
    ['scenarios/split-brain.ts', `import { html } from '../reports/html.ts';`],
    ['reports/html.ts', `import { run } from '../sim/run.ts';`],
    ['reports/html.ts', `import { raft } from '../models/index.ts';`],
    ['reports/page/main.ts', `import { world } from '../../sim/world/world.ts';`],
    ['bench/main.ts', `import { main } from '../cli/orrery.ts';`],
    ['reports/html.ts', `import { main } from '../cli/orrery.ts';`],
    ['cli/orrery.ts', `import { plant } from '../test/support/plant.ts';`],
  ])('%s may not have: %s', (path, text) => {
    expect(placesOf(directions, { [path]: text })).toEqual([`${path}:1`]);
  });

  test.each([
    ['sim/random/stream.ts', `import { us } from '../base/time.ts';`],
    ['sim/base/time.ts', `import { assert } from './assert.ts';`],
    ['sim/check/verdict.ts', `import { world } from '../world/world.ts';`],
    ['sim/run.ts', `import { scenario } from './scenario.ts';`],
    ['sim/index.ts', `export { search } from './search/search.ts';`],
    ['models/raft/raft.ts', `import { us } from '../../sim/index.ts';`],
    ['models/raft/raft.ts', `import { us } from 'orrery';`],
    ['models/raft/raft.ts', `import { log } from '../log/log.ts';`],
    ['scenarios/split-brain.ts', `import { raft } from '../models/raft/raft.ts';`],
    ['reports/html.ts', `import type { RunResult } from '../sim/run.ts';`],
    ['reports/html.ts', `import { instantText } from '../sim/base/time.ts';`],
    ['reports/page/main.ts', `import { run } from '../../sim/index.ts';`],
    ['cli/orrery.ts', `import { world } from '../sim/world/world.ts';`],
    ['bench/main.ts', `import { raft } from '../models/raft/raft.ts';`],
    ['test/sim/a.test.ts', `import { main } from '../../cli/orrery.ts';`],
  ])('%s may have: %s', (path, text) => {
    expect(findingsOf(directions, { [path]: text })).toEqual([]);
  });

  test('a file in no known room of sim/ is named', () => {
    expect(placesOf(directions, { 'sim/attic/a.ts': '' })).toEqual(['sim/attic/a.ts:1']);
  });

  test.each([
    ['sim/world/node.ts', `import alea from 'seedrandom/lib/alea.js';`],
    ['sim/kernel/engine.ts', `import { produce } from 'immer';`],
    ['models/raft/raft.ts', `import exp from '@stdlib/math-base-special-exp';`],
    ['reports/text.ts', `import chalk from 'chalk';`],
    ['sim/world/node.ts', `import { readFileSync } from 'node:fs';`],
    ['reports/html.ts', `import { readFileSync } from 'node:fs';`],
    ['cli/orrery.ts', `import { readFileSync } from 'fs';`],
    ['cli/orrery.ts', `import leftPad from 'left-pad';`],
  ])('the package is kept out of %s: %s', (path, text) => {
    expect(placesOf(directions, { [path]: text })).toEqual([`${path}:1`]);
  });

  test.each([
    ['sim/random/source.ts', `import alea from 'seedrandom/lib/alea.js';`],
    ['sim/world/recorded-path.ts', `import { produceWithPatches } from 'immer';`],
    ['cli/orrery.ts', `import { readFileSync } from 'node:fs';`],
    ['bench/main.ts', `import { performance } from 'node:perf_hooks';`],
  ])('the package is welcome in %s: %s', (path, text) => {
    expect(findingsOf(directions, { [path]: text })).toEqual([]);
  });

  test('the message says where, which rule, and what to do', () => {
    expect(findingsOf(directions, { 'models/a.ts': `\nimport { us } from '../sim/base/time.ts';` })).toEqual([
      'models/a.ts:2: direction: imports sim/base/time.ts: models/ sees sim/ through its door only; import from sim/index.ts',
    ]);
  });
});

describe('cycles', () => {
  const b = `import { c } from './c.ts';`;

  test('a cycle of values is spelled out', () => {
    const files = {
      'sim/base/a.ts': `import { b } from './b.ts';`,
      'sim/base/b.ts': b,
      'sim/base/c.ts': `export * from './a.ts';`,
    };
    const [text, ...rest] = findingsOf(cycles, files);
    expect(rest).toEqual([]);
    expect(text).toContain('sim/base/c.ts:1: cycle: sim/base/a.ts → sim/base/b.ts → sim/base/c.ts → sim/base/a.ts');
  });

  test('a file that imports itself is a cycle', () => {
    expect(placesOf(cycles, { 'sim/base/a.ts': `import { a } from './a.ts';` })).toEqual(['sim/base/a.ts:1']);
  });

  test('marking each name as a type leaves the import, and so the cycle', () => {
    const files = { 'sim/base/b.ts': b, 'sim/base/c.ts': `import { type B } from './b.ts';` };
    expect(placesOf(cycles, files)).toEqual(['sim/base/c.ts:1']);
  });

  test('import type and import() close no cycle', () => {
    const erased = { 'sim/base/b.ts': b, 'sim/base/c.ts': `import type { B } from './b.ts';` };
    const lazy = { 'sim/base/b.ts': b, 'sim/base/c.ts': `const later = () => import('./b.ts');` };
    expect([...findingsOf(cycles, erased), ...findingsOf(cycles, lazy)]).toEqual([]);
  });

  test('two ways to the same file are no cycle', () => {
    const files = { 'sim/base/a.ts': `import './b.ts';\nimport './c.ts';`, 'sim/base/b.ts': b, 'sim/base/c.ts': '' };
    expect(findingsOf(cycles, files)).toEqual([]);
  });
});

describe('banned names', () => {
  test.each([
    'Math.random();',
    'const { random } = Math;',
    "Math['random']();",
    'Math.log(2);',
    'Math.pow(2, 3);',
    'Math.hypot(3, 4);',
    'export const f = (n: number) => 2 ** n;',
    'export const f = 10 ** 3;',
    'let n = 2; n **= 2;',
    'new Date();',
    'let at: Date;',
    'Intl.NumberFormat();',
    "'a'.localeCompare('b');",
    '(5).toLocaleString();',
    'setTimeout(() => 1, 5);',
    'setInterval(() => 1, 5);',
    'queueMicrotask(() => 1);',
    'Promise.resolve();',
    'export type Later = Promise<number>;',
    'export async function f() {}',
    'export const f = async () => 1;',
    'class A { async f() {} }',
    'performance.now();',
    'process.env;',
    "console.log('a');",
    'crypto.randomUUID();',
    'globalThis.x;',
    'document.body;',
    'function f(process: number) { return process; } process.exit();',
    'const a = { now: Date };',
    'const a = { process };',
  ])('a model may not have: %s', (text) => {
    expect(new Set(placesOf(banned, { 'models/a.ts': text }))).toEqual(new Set(['models/a.ts:1']));
  });

  test.each([
    'Math.floor(Math.sqrt(2)) + Math.PI;',
    'export const NEVER = 2 ** 52;',
    'export const SMALL = 2 ** -33;',
    'export const f = (process: { console: number }) => process.console;',
    'const a = { process: 1, Date: 2 }; a.process; a?.Date;',
    'interface Crypto { crypto: number; fetch(document: string): void }',
    'export type Handler = (process: string) => void;',
    'for (const performance of [1, 2]) f(performance); function f(n: number) { return n; }',
    'const { crypto: key } = { crypto: 1 }; key;',
    'try { f(); } catch (process) { f(process); } function f(x?: unknown) { return x; }',
    'class Process { process = 1; console() {} }',
    '// Math.random, Date and async are forbidden here',
    "export const text = 'Promise, setTimeout(';",
    'export function* flow() { yield 1; }',
  ])('a model may have: %s', (text) => {
    expect(findingsOf(banned, { 'models/a.ts': text })).toEqual([]);
  });

  test('scenarios and sim are held to the same rule, cli and bench are not', () => {
    const text = 'Date.now();';
    const files = { 'cli/a.ts': text, 'bench/a.ts': text, 'scenarios/a.ts': text, 'sim/base/a.ts': text };
    expect(placesOf(banned, files)).toEqual(['scenarios/a.ts:1', 'sim/base/a.ts:1']);
  });

  test('reports may use neither Node nor the DOM, and the page may use the DOM', () => {
    const text = 'document.title;\nprocess.exit();\nMath.log(2);';
    expect(placesOf(banned, { 'reports/a.ts': text })).toEqual(['reports/a.ts:1', 'reports/a.ts:2']);
    expect(placesOf(banned, { 'reports/page/a.ts': 'document.title;' })).toEqual([]);
  });
});

describe('sizes', () => {
  test(`a file of ${MAX_FILE_LINES} lines passes and one more fails`, () => {
    expect(findingsOf(fileSizes, { 'sim/base/a.ts': linesOfCode(MAX_FILE_LINES) })).toEqual([]);
    expect(placesOf(fileSizes, { 'sim/base/a.ts': linesOfCode(MAX_FILE_LINES + 1) })).toEqual(['sim/base/a.ts:501']);
  });

  test.each([
    ['function f() {\n', '}'],
    ['const f = () => {\n', '};'],
    ['class A { f() {\n', '} }'],
    ['const a = { *f() {\n', '} };'],
  ])(`%s of ${MAX_FUNCTION_LINES} lines passes and one more fails`, (open, close) => {
    const body = (count: number): Files => ({ 'sim/base/a.ts': `\n${open}${linesOfCode(count - 2)}${close}\n` });
    expect(findingsOf(functionSizes, body(MAX_FUNCTION_LINES))).toEqual([]);
    const [text, ...rest] = findingsOf(functionSizes, body(MAX_FUNCTION_LINES + 1));
    expect(rest).toEqual([]);
    expect(text).toContain('sim/base/a.ts:2: function size: f has 71 lines');
  });

  test('a group of tests may be long, and a test in it may not', () => {
    const group = `describe('a', () => {\n${linesOfCode(80)}});`;
    const table = `describe.each([1])('a', () => {\n${linesOfCode(80)}});`;
    expect(findingsOf(functionSizes, { 'test/a.test.ts': `${group}\n${table}` })).toEqual([]);
    const long = `describe('a', () => {\n  test('b', () => {\n${linesOfCode(80)}});\n});`;
    expect(placesOf(functionSizes, { 'test/a.test.ts': long })).toEqual(['test/a.test.ts:2']);
  });
});

describe('left-overs', () => {
  test.each(['FIXME', 'TODO', 'XXX'])('%s in a comment is found on its line', (note) => {
    expect(placesOf(notesToSelf, { 'sim/base/a.ts': `/**\n * ${note}: later\n */` })).toEqual(['sim/base/a.ts:2']);
    expect(placesOf(notesToSelf, { 'test/a.test.ts': `f(); // ${note}` })).toEqual(['test/a.test.ts:1']);
  });

  test('the same letters in a text or inside a word pass', () => {
    expect(findingsOf(notesToSelf, { 'sim/base/a.ts': `f('TODO'); // TODOS` })).toEqual([]);
  });

  test.each(['test.only', 'describe.skip', 'it.only', 'test.only.each([1])', 'test.todo', 'xit', 'fdescribe'])(
    '%s is found',
    (call) => {
      expect(placesOf(switchedOffTests, { 'test/a.test.ts': `\n${call}('a', () => {});` })).toEqual([
        'test/a.test.ts:2',
      ]);
    },
  );

  test('other uses of the words pass, and test/support/ may skip', () => {
    const files = {
      'test/a.test.ts': `list.skip(3); parser.only('x');`,
      'test/support/a.ts': `test.skip('a', () => {});`,
    };
    expect(findingsOf(switchedOffTests, files)).toEqual([]);
  });

  test('a path out of the repository is found in the product and allowed in tests', () => {
    const text = `\nread('../shared/histories');`;
    expect(placesOf(outsidePaths, { 'cli/a.ts': text, 'test/support/a.ts': text })).toEqual(['cli/a.ts:2']);
  });
});

describe('names', () => {
  test.each([
    'sim/base/utils.ts',
    'sim/world/node-manager.ts',
    'test/helpers/a.ts',
    'models/misc.test.ts',
    'cli/RunImpl.ts',
  ])('%s is refused', (path) => {
    expect(placesOf(names, { [path]: '' })).toEqual([`${path}:1`]);
  });

  test.each(['sim/base/time.ts', 'test/base/time.test.ts', 'sim/random/alea.d.ts', 'models/two-phase-commit.ts'])(
    '%s is fine',
    (path) => {
      expect(findingsOf(names, { [path]: '' })).toEqual([]);
    },
  );
});

describe('dead exports', () => {
  const door = { 'sim/index.ts': `export { us } from './base/time.ts';` };
  const text = `export const us = 1;\nexport const ms = 2;`;

  test('an export that nobody imports is found', () => {
    expect(placesOf(deadExports, { ...door, 'sim/base/time.ts': text })).toEqual(['sim/base/time.ts:2']);
  });

  test.each([
    `import { ms } from './time.ts';`,
    `import { ms as other } from './time.ts';`,
    `import * as time from './time.ts';`,
    `export * from './time.ts';`,
    `const later = () => import('./time.ts');`,
  ])('an export is alive by: %s', (user) => {
    expect(findingsOf(deadExports, { ...door, 'sim/base/time.ts': text, 'sim/base/user.ts': user })).toEqual([]);
  });

  test('a test keeps an export of sim/ alive, and none of models/', () => {
    const user = `import { us } from '../sim/base/time.ts';\nimport { raft } from '../models/raft.ts';`;
    const files = { 'sim/base/time.ts': 'export const us = 1;', 'models/raft.ts': 'export const raft = 1;' };
    const doors = { 'sim/index.ts': '', 'models/index.ts': '' };
    expect(placesOf(deadExports, { ...doors, ...files, 'test/a.test.ts': user })).toEqual(['models/raft.ts:1']);
  });

  test('what a door exports is alive, and a room without its door is not judged yet', () => {
    expect(findingsOf(deadExports, { 'sim/index.ts': 'export const run = 1;' })).toEqual([]);
    expect(findingsOf(deadExports, { 'sim/base/time.ts': text })).toEqual([]);
  });

  test('a type that its own file mentions is alive, and one that stands alone is not', () => {
    const types = `export interface Options { a: number }\nexport const us = (o: Options) => o;\nexport type Lonely = 1;`;
    expect(placesOf(deadExports, { ...door, 'sim/base/time.ts': types })).toEqual(['sim/base/time.ts:3']);
  });
});

test('a syntax error names the file', () => {
  expect(() => parseModule('sim/base/a.ts', 'const = 1')).toThrow('sim/base/a.ts: cannot be parsed');
});

describe('the tree', () => {
  const tree = readSourceTree(fileURLToPath(new URL('../../', import.meta.url)));

  test('it was read', () => {
    expect(tree.map((module) => module.path)).toEqual(
      expect.arrayContaining(['sim/base/time.ts', 'test/tidy/tidy.test.ts']),
    );
  });

  test.each(
    Object.entries({
      directions,
      cycles,
      banned,
      fileSizes,
      functionSizes,
      notesToSelf,
      switchedOffTests,
      outsidePaths,
      names,
      deadExports,
    }),
  )('it keeps the rule: %s', (_name, rule) => {
    expect(rule(tree).map(findingText)).toEqual([]);
  });
});
