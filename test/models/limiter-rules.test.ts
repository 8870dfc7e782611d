import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, ms, s } from '../../sim/index.ts';
import { World } from '../../sim/world/world.ts';
import {
  client,
  openLoop,
  parseLimitRules,
  ruleLimiter,
  serverNode,
  slidingWindowCounter,
  slidingWindowLog,
} from '../../models/index.ts';
import type {
  Descriptor,
  LimiterPolicy,
  LimiterState,
  RuleLimiterOptions,
  ServiceProtocol,
} from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

const SHOP = `
domain: shop
descriptors:
  - key: user
    rate_limit: { unit: second, requests_per_unit: 10 }
  - key: user
    value: batch
    rate_limit: { unlimited: true }
  - key: user
    value: trial-*
    rate_limit: { unit: minute, requests_per_unit: 60 }
  - key: path
    value: /login
    rate_limit: { unit: minute, requests_per_unit: 30 }
    descriptors:
      - key: address
        rate_limit:
          unit: minute
          requests_per_unit: 5
      - key: address
        value: office
  - key: path
    value: /search
    shadow_mode: true
    rate_limit: { unit: hour, requests_per_unit: 1000 }
`;

/** user=ann / path=/login,address=a → entries. */
const descriptor = (text: string): Descriptor =>
  text.split(',').map((entry) => ({ key: entry.split('=')[0] ?? '', value: entry.split('=')[1] ?? '' }));

describe('which rule a descriptor falls under', () => {
  const rules = parseLimitRules(SHOP);

  test.each([
    ['user=ann', 'shop.user', 10, s(1)],
    ['user=trial-7', 'shop.user=trial-*', 60, s(60)],
    ['path=/login', 'shop.path=/login', 30, s(60)],
    ['path=/login,address=10.0.0.1', 'shop.path=/login.address', 5, s(60)],
    ['path=/search', 'shop.path=/search', 1_000, s(3_600)],
  ])('%s: %s', (text, name, requests, per) => {
    expect(rules.match(descriptor(text))?.limit).toMatchObject({ name, requests, per });
  });

  test.each([
    ['user=batch', 'is unlimited'],
    ['path=/login,address=office', 'has a rule of its own that limits nothing'],
    ['path=/other', 'has no rule'],
    ['user=ann,path=/login', 'goes deeper than the rules'],
    ['path=/login,address=a,port=1', 'goes deeper than the rules'],
    ['colour=red', 'has an unknown key'],
  ])('%s %s: none', (text) => {
    expect(rules.match(descriptor(text))).toBeUndefined();
  });

  test('a rule without a value counts each value alone, and no two lists of entries share a count', () => {
    const entry = fc.record({ key: fc.constantFrom('user'), value: fc.string() });
    fc.assert(
      fc.property(entry, entry, (a, b) => {
        const [first, second] = [rules.match([a])?.count, rules.match([b])?.count];
        if (first !== undefined && second !== undefined) expect(first === second).toBe(a.value === b.value);
      }),
    );
    expect(rules.limits.map(({ name, shadow }) => [name, shadow])).toEqual([
      ['shop.user', false],
      ['shop.user=trial-*', false],
      ['shop.path=/login', false],
      ['shop.path=/login.address', false],
      ['shop.path=/search', true],
    ]);
  });
});

test.each([
  ['domain: a', 'rules.descriptors: got undefined, expected a list of at least one descriptor'],
  ['descriptors: []', 'rules.domain: got undefined, expected the name of the domain'],
  ['domain: ""\ndescriptors: [{ key: a }]', 'rules.domain: got "", expected the name of the domain'],
  ['- a', 'rules: got ["a"], expected an object with domain and descriptors'],
  ['domain: a\ndescriptors: [[]]', 'rules.descriptors[0]: got [], expected a descriptor: an object with key'],
  [
    'domain: a\ndescriptors: [{ key: b, rate_limit: [] }]',
    'rules.descriptors[0].rate_limit: got {}, expected unit and',
  ],
  ['domain: *a\ndescriptors: [{ key: b }]', 'expected YAML: Unresolved alias'],
  ['', 'rules: got null, expected an object with domain and descriptors'],
  ['domain: a\ndescriptors: []', 'rules.descriptors: got [], expected a list of at least one'],
  ['domain: a\ndescriptors: [7]', 'rules.descriptors[0]: got 7, expected a descriptor: an object with key'],
  ['domain: a\ndescriptors: [{ value: b }]', 'rules.descriptors[0].key: got undefined, expected the name of what'],
  ['domain: a\ndescriptors: [{ key: b, value: 404 }]', 'rules.descriptors[0].value: got 404, expected text'],
  ['domain: a\ndescriptor: []', 'rules.descriptor: got [], expected only the fields domain, descriptors'],
  [
    'domain: a\ndescriptors: [{ key: b, ratelimit: 1 }]',
    'rules.descriptors[0].ratelimit: got 1, expected only the fields key, value, rate_limit, shadow_mode, descriptors',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, descriptors: [{ key: c, rate_limit: { unit: week, requests_per_unit: 1 } }] }]',
    'rules.descriptors[0].descriptors[0].rate_limit.unit: got "week", expected one of second, minute, hour, day',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, rate_limit: { unit: day, requests_per_unit: 0.5 } }]',
    'rules.descriptors[0].rate_limit.requests_per_unit: got 0.5, expected a whole number of requests of at least 1',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, rate_limit: { unit: day } }]',
    'rules.descriptors[0].rate_limit: got {"unit":"day"}, expected unit and requests_per_unit, or unlimited: true',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, rate_limit: { unlimited: true, unit: day, requests_per_unit: 1 } }]',
    'rules.descriptors[0].rate_limit: got {"unit":"day","requests_per_unit":1,"unlimited":true}',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, rate_limit: { unit: day, requests_per_unit: 1, burst: 2 } }]',
    'rules.descriptors[0].rate_limit.burst: got 2, expected only the fields unit, requests_per_unit, unlimited',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, value: c }, { key: b }, { key: b, value: c }]',
    'rules.descriptors[2]: got {"key":"b","value":"c"}, expected another key and value than rules.descriptors[0]',
  ],
  ['domain: a\ndescriptors: [{ key: b', 'rules:2:23: got "descriptors: [{ key: b", expected YAML: Flow map'],
  ['domain: a\ndescriptors: [{ key: b }]\n---\ndomain: c', 'rules:3:1: got "---", expected YAML: one document only'],
  ['domain: !!foo a\ndescriptors: [{ key: b }]', 'rules:1:9: got "domain: !!foo a", expected YAML: Unresolved tag'],
  [
    'domain: a\ndescriptors: &d [{ key: b, descriptors: *d }]',
    'rules:2:41: got "descriptors: &d [{ key: b, descriptors: *d }]", expected YAML: an alias of something that it is',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, shadow_mode: true }]',
    'rules.descriptors[0].shadow_mode: got true, expected a rate_limit for it to count',
  ],
  [
    'domain: a\ndescriptors: [{ key: b, shadow_mode: true, rate_limit: { unlimited: true } }]',
    'rules.descriptors[0].shadow_mode: got true, expected a rate_limit for it to count',
  ],
  ['domain: a\ndomain: b', 'rules:2:1: got "domain: b", expected YAML: Map keys must be unique'],
])('%j is refused: %s', (text, message) => {
  expect(() => parseLimitRules(text)).toThrow(message);
});

test('an alias repeats what it stands for', () => {
  const text = `domain: a
descriptors:
  - { key: b, rate_limit: &few { unit: day, requests_per_unit: 2 } }
  - { key: c, rate_limit: *few }`;
  expect(parseLimitRules(text).limits.map(({ name, requests }) => [name, requests])).toEqual([
    ['a.b', 2],
    ['a.c', 2],
  ]);
});

test('whatever the text, it is read or refused with the name that the caller gave it', () => {
  const line = fc.constantFrom(
    'domain: a',
    'descriptors:',
    '- key: b',
    '  - key: c',
    '    rate_limit: {',
    '}',
    '  value: *x',
    '  unit: day',
    '\t',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line).map((lines) => lines.join('\n')),
      ),
      (text) => {
        try {
          expect(parseLimitRules(text, 'limits.yaml').domain).not.toBe('');
        } catch (error) {
          expect(String(error)).toMatch(/^ConfigError: limits\.yaml/);
        }
      },
    ),
  );
});

describe('a limiter with rules', () => {
  const target = { id: 's', index: 0 };
  const daily = parseLimitRules(
    'domain: a\ndescriptors: [{ key: user, rate_limit: { unit: day, requests_per_unit: 100000 } }]',
  );

  test('counts a hundred thousand requests a day in a fixed window', () => {
    const made = (): unknown => ruleLimiter({ target, rules: daily, descriptorsOf: () => [] });
    expect(made).not.toThrow();
  });

  test('names the rule that its policy cannot count', () => {
    const policyOf = ({ requests, per }: { requests: number; per: number }) =>
      slidingWindowCounter({ limit: requests, window: per }) as LimiterPolicy<unknown>;
    expect(() => ruleLimiter({ target, rules: daily, descriptorsOf: () => [], policyOf })).toThrow(
      'limiter.rules a.user: got {"requests":100000,"per":"1440m"}, expected what policyOf can count ' +
        '(slidingWindowCounter.limit: got 100000, expected a whole number of requests from 1 to 52124)',
    );
  });

  test('refuses the text of rules where rules are due', () => {
    expect(() => ruleLimiter({ target, rules: SHOP as never, descriptorsOf: () => [] })).toThrow(
      'expected what parseLimitRules reads from a text',
    );
    expect(() => ruleLimiter({ target, rules: daily, descriptorsOf: 'user' as never })).toThrow(
      'limiter.descriptorsOf: got "user", expected a function',
    );
  });

  test('refuses a descriptor where a list of them is due', () => {
    const descriptorsOf = () => descriptor('user=ann') as never;
    const { world, clientOf } = bench(SHOP, { descriptorsOf });
    clientOf('ann', 'user=ann');
    expect(() => drive(world, s(1))).toThrow(
      'limiter.descriptorsOf: got {"key":"user","value":"ann"}, expected a list',
    );
  });

  const bench = (text: string, options: Partial<RuleLimiterOptions<ServiceProtocol>> = {}, rate = 100) => {
    const world = new World({ seed: 'rules' });
    world.links({ latency: constant(500) });
    const service = world.node('s', serverNode({ service: '1ms', servers: 4 }));
    const rules = parseLimitRules(text);
    const descriptorsOf = (_message: string, payload: unknown): readonly Descriptor[] =>
      String((payload as { key: string }).key)
        .split(';')
        .map(descriptor);
    const target = world.node('gate', { actor: ruleLimiter({ target: service, rules, descriptorsOf, ...options }) });
    const clientOf = (name: string, key: string | (() => string)): void =>
      void world.node(name, {
        actor: client({
          target,
          workload: openLoop({ rate, until: s(10) - ms(20) }),
          operation: () => ({ message: 'request', payload: { key: typeof key === 'string' ? key : key() } }),
        }),
      });
    const count = (node: string, name: string): number => world.metrics.counter(node, name).value;
    return { world, clientOf, count, state: () => world.named('gate').state as LimiterState<unknown> };
  };

  test('counts each value of a rule alone, in windows of the rule’s unit, and exempts what has no limit', () => {
    const { world, clientOf, count } = bench(SHOP);
    for (const user of ['ann', 'bob', 'batch', 'trial-1']) clientOf(user, `user=${user}`);
    drive(world, s(10));
    expect(['ann', 'bob', 'trial-1'].map((user) => count(user, 'ok'))).toEqual([100, 100, 60]);
    expect(count('batch', 'ok')).toBe(count('batch', 'offered'));
    expect(count('ann', 'fail')).toBe(count('ann', 'offered') - 100);
  });

  test('a request that one of its rules refuses counts for none of them', () => {
    const { world, clientOf, count } = bench(SHOP);
    clientOf('both', 'path=/login;path=/login,address=a');
    clientOf('path', 'path=/login');
    drive(world, s(10));
    // 5 of the 30 have gone to the address; what it was refused has taken nothing of the other 25.
    expect(count('both', 'ok')).toBe(5);
    expect(count('path', 'ok')).toBe(25);
  });

  test('a shadow counts and refuses nobody', () => {
    const { world, clientOf, count } = bench(SHOP, {}, 200);
    clientOf('c', 'path=/search');
    drive(world, s(10));
    expect([count('c', 'fail'), count('gate', 'limited')]).toEqual([0, 0]);
    expect(count('gate', 'shadowed')).toBe(count('c', 'offered') - 1_000);
  });

  test('counts by any policy', () => {
    const policyOf = ({ requests, per }: { requests: number; per: number }) =>
      slidingWindowLog({ limit: requests, window: per }) as LimiterPolicy<unknown>;
    const { world, clientOf, count, state } = bench(SHOP, { policyOf });
    clientOf('ann', 'user=ann');
    clientOf('login', 'path=/login');
    for (let i = 0; i < 20; i++) clientOf(`guest${i}`, `user=guest${i}`);
    drive(world, s(10));
    expect(count('ann', 'ok')).toBe(100);
    expect(count('login', 'ok')).toBe(30);
    expect(state().counts.size).toBe(22);
  });

  test('forgets counts that are as good as new', () => {
    const { world, count, clientOf, state } = bench(SHOP, { keys: 3 });
    let n = 0;
    const key = (): string => `user=guest${n++}`;
    clientOf('guests', key);
    clientOf('ann', 'user=ann');
    drive(world, s(10));
    expect(count('guests', 'ok')).toBe(count('guests', 'offered'));
    expect(count('ann', 'ok')).toBe(100);
    expect(n).toBeGreaterThan(900);
    expect(state().counts.size).toBeLessThan(300);
  });
});
