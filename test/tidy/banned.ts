/** Rule: where determinism counts, nothing reads the host: its clock, timers, randomness, locale, maths library or promises. */
import type { Finding, Rule } from './finding.ts';
import type { SourceModule } from './module.ts';
import { isProduct, roomOf } from './rooms.ts';
import { type GlobalUse, globalUses } from './scopes.ts';
import { type AstNode, isFunction, isNode, nameOf, walk } from './syntax.ts';

const DETERMINISTIC_ROOMS: readonly string[] = ['sim', 'models', 'scenarios'];

const TIME = 'virtual time only; take the time from the context';
const TIMER = 'virtual timers only';
const SYNCHRONOUS = 'the simulated world is synchronous; write a generator';
const MACHINE = 'no Node API here; pass the value in';
const PAGE = 'no DOM here; browser code lives in reports/page/';
const MEMORY = "depends on the host's memory or threads";

const NODE_GLOBALS: Readonly<Record<string, string>> = {
  process: MACHINE,
  Buffer: MACHINE,
  require: MACHINE,
  global: MACHINE,
  globalThis: MACHINE,
  console: 'prints nothing; return data and let cli/ print it',
};

const DOM_GLOBALS: Readonly<Record<string, string>> = {
  window: PAGE,
  document: PAGE,
  navigator: PAGE,
  localStorage: PAGE,
  fetch: PAGE,
};

const HOST_GLOBALS: Readonly<Record<string, string>> = {
  ...NODE_GLOBALS,
  ...DOM_GLOBALS,
  Date: TIME,
  performance: TIME,
  Intl: 'depends on the locale of the host',
  setTimeout: TIMER,
  setInterval: TIMER,
  setImmediate: TIMER,
  queueMicrotask: TIMER,
  requestAnimationFrame: TIMER,
  Promise: SYNCHRONOUS,
  PromiseLike: SYNCHRONOUS,
  crypto: 'randomness comes from a named stream of sim/random/',
  eval: 'no code from text',
  Worker: MEMORY,
  Atomics: MEMORY,
  SharedArrayBuffer: MEMORY,
  WeakRef: MEMORY,
  FinalizationRegistry: MEMORY,
};

/** Exact in every engine: IEEE 754 or ECMAScript leaves no choice. */
const EXACT_MATHS: ReadonlySet<string> = new Set([
  ...['abs', 'ceil', 'floor', 'round', 'trunc', 'min', 'max', 'sign', 'imul', 'clz32', 'sqrt', 'fround'],
  ...['PI', 'E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'SQRT2', 'SQRT1_2'],
]);

export const banned: Rule = (modules) =>
  modules.filter((module) => isProduct(module.path)).flatMap((module) => check(module));

function check(module: SourceModule): Finding[] {
  const room = roomOf(module.path);
  if (room === 'reports') return bannedGlobals(module, { ...NODE_GLOBALS, ...DOM_GLOBALS });
  if (!DETERMINISTIC_ROOMS.includes(room)) return [];
  const findings = bannedGlobals(module, HOST_GLOBALS);
  walk(module.program, (node) => {
    const advice = bannedSyntax(node);
    if (advice !== undefined) findings.push(finding(module, node, advice));
  });
  return findings;
}

const finding = (module: SourceModule, node: AstNode, advice: string): Finding => ({
  path: module.path,
  line: node.loc.start.line,
  rule: 'banned',
  advice,
});

function bannedGlobals(module: SourceModule, names: Readonly<Record<string, string>>): Finding[] {
  return globalUses(module.program).flatMap((use) => {
    if (Object.hasOwn(names, use.name)) return [finding(module, use.node, `${use.name}: ${names[use.name]}`)];
    const advice = use.name === 'Math' && Object.hasOwn(names, 'Date') ? bannedMaths(use) : undefined;
    return advice === undefined ? [] : [finding(module, use.node, advice)];
  });
}

function bannedMaths({ node, parent }: GlobalUse): string | undefined {
  const isMember = parent.type === 'MemberExpression' && parent['object'] === node && parent['computed'] !== true;
  if (!isMember) return 'Math as a value hides what is used of it; write Math.name';
  const name = nameOf(parent['property'] as AstNode);
  if (EXACT_MATHS.has(name)) return undefined;
  if (name === 'random') return 'Math.random: randomness comes from a named stream of sim/random/';
  return `Math.${name} differs between engines; use sim/base/maths.ts`;
}

function bannedSyntax(node: AstNode): string | undefined {
  if (node.type === 'AwaitExpression' || node['await'] === true) return `await: ${SYNCHRONOUS}`;
  if (isFunction(node) && node['async'] === true) return `async: ${SYNCHRONOUS}`;
  if (
    (node.type === 'BinaryExpression' && node['operator'] === '**' && !isExactPower(node)) ||
    node['operator'] === '**='
  ) {
    return '** differs between engines; use sim/base/maths.ts (2 ** n with a written-out n is exact and allowed)';
  }
  const property =
    /^(Optional)?MemberExpression$/.test(node.type) && node['computed'] !== true ? node['property'] : undefined;
  if (!isNode(property)) return undefined;
  const name = nameOf(property);
  return name === 'localeCompare' || name.startsWith('toLocale')
    ? `.${name} depends on the locale of the host`
    : undefined;
}

/** `2 ** 52` and `2 ** -33`: written-out powers of two are exact wherever there are IEEE doubles. */
function isExactPower(node: AstNode): boolean {
  const base = node['left'] as AstNode;
  let exponent = node['right'] as AstNode;
  if (exponent.type === 'UnaryExpression' && exponent['operator'] === '-') exponent = exponent['argument'] as AstNode;
  const isPowerOfTwo = base.type === 'NumericLiteral' && base['value'] === 2;
  return isPowerOfTwo && exponent.type === 'NumericLiteral' && Number.isInteger(exponent['value']);
}
