import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError } from '../../sim/base/errors.ts';
import { ms, s } from '../../sim/base/time.ts';
import * as plan from '../../sim/faults/constructors.ts';
import { FAULT_KINDS, type Fault } from '../../sim/faults/fault.ts';
import {
  faultText,
  healedAt,
  parseSchedule,
  schedule,
  scheduleJson,
  targetsOf,
  withoutFault,
} from '../../sim/faults/schedule.ts';
import { constant, exponential } from '../../sim/random/distribution.ts';
import { anySchedule, faultOfKind, PLACES } from './arbitraries.ts';

const KNOWN = { nodes: ['n1', 'n2', 'n3', 'n4', 'n5'], zones: ['a', 'b'], regions: ['r'] };

const errorOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a schedule as JSON', () => {
  test.each(FAULT_KINDS)('reads back as it was written: %s', (kind) => {
    fc.assert(
      fc.property(faultOfKind(kind), (json) => {
        const read = parseSchedule([json], PLACES);
        const written = JSON.stringify(scheduleJson(read));
        expect(parseSchedule(JSON.parse(written), PLACES)).toEqual(read);
      }),
      { numRuns: 40 },
    );
  });

  test('as a whole reads back with its order and ids', () => {
    fc.assert(
      fc.property(anySchedule, (json) => {
        const read = parseSchedule(json, PLACES);
        expect(parseSchedule(JSON.parse(JSON.stringify(scheduleJson(read))))).toEqual(read);
        expect(schedule(read)).toEqual(read);
      }),
      { numRuns: 60 },
    );
  });

  test('writes durations as people do', () => {
    const faults = schedule([
      plan.clockStep({ node: 'n1', at: '1.5s', by: '-250ms' }),
      plan.jitter({ at: ms(200), extra: exponential({ mean: '10ms' }), from: 'n1' }),
    ]);
    expect(scheduleJson(faults)).toEqual([
      { id: 'F1', kind: 'jitter', at: '200ms', from: ['n1'], to: '*', extra: { kind: 'exponential', mean: '10ms' } },
      { id: 'F2', kind: 'clock-step', at: '1.5s', node: 'n1', by: '-250ms' },
    ]);
  });
});

const at = 0;
const MISTAKES: [label: string, fault: unknown, field: string, value: string, expected: RegExp][] = [
  ['no object', 3, '', '3', /an object with kind/],
  ['no kind', {}, '.kind', 'undefined', /one of crash, restart/],
  ['a kind misspelt', { kind: 'partiton' }, '.kind', '"partiton"', /did you mean "partition"/],
  ['a kind of every object', { kind: 'toString' }, '.kind', '"toString"', /one of crash/],
  ['no time', { kind: 'pause', node: 'n1' }, '.at', 'undefined', /a duration such as/],
  ['a negative time', { kind: 'pause', node: 'n1', at: -1 }, '.at', '-1', /non-negative/],
  ['a wrong unit', { kind: 'pause', node: 'n1', at: '5 parsecs' }, '.at', '"5 parsecs"', /"250ms"/],
  ['no length', { kind: 'pause', node: 'n1', at, for: 0 }, '.for', '0', /above 0/],
  ['no node', { kind: 'pause', at }, '.node', 'undefined', /the name of a node/],
  ['a number for a node', { kind: 'pause', at, node: 1 }, '.node', '1', /the name of a node/],
  ['an unknown node', { kind: 'pause', at, node: 'n9' }, '.node', '"n9"', /n1, n2, n3, n4, n5.*did you mean "n1"/],
  ['an unknown field', { kind: 'pause', at, node: 'n1', nod: 1 }, '.nod', '1', /only the fields .*did you mean "node"/],
  [
    'a field of every object',
    { kind: 'pause', at, node: 'n1', constructor: 1 },
    '.constructor',
    '1',
    /only the fields/,
  ],
  [
    'a length for an instant',
    { kind: 'destroy', at, node: 'n1', for: 5 },
    '.for',
    '5',
    /only the fields kind, id, at, node/,
  ],
  ['a restart without end', { kind: 'crash', at, node: 'n1', restart: true }, '.restart', 'true', /`for`/],
  [
    'down for ever',
    { kind: 'crash-loop', at, node: 'n1', every: '1s', down: '1s' },
    '.down',
    '1000000',
    /shorter than/,
  ],
  ['a loop too fast', { kind: 'crash-loop', at, node: 'n1', every: 10, down: 5 }, '.every', '10', /at least 1ms/],
  ['slow by nothing', { kind: 'slow', at, node: 'n1' }, '.factor', 'undefined', /a factor, a delay, or both/],
  ['slow by 0', { kind: 'slow', at, node: 'n1', factor: 0 }, '.factor', '0', /from 0\.001/],
  [
    'a distribution with a wrong part',
    {
      kind: 'slow',
      at,
      node: 'n1',
      delay: { kind: 'mixture', parts: [{ weight: 1, of: { kind: 'exponential', mean: 0 } }] },
    },
    '.delay.parts[0].of.mean',
    '0',
    /above 0/,
  ],
  ['one group', { kind: 'partition', at, groups: [['n1']] }, '.groups', '[["n1"]]', /at least two groups/],
  ['an empty group', { kind: 'partition', at, groups: [['n1'], []] }, '.groups[1]', '[]', /at least one/],
  [
    'a node twice',
    { kind: 'partition', at, groups: [['n1'], ['n2', 'n1']] },
    '.groups[1][1]',
    '"n1"',
    /one group only/,
  ],
  [
    'an unknown member',
    { kind: 'partition', at, groups: [['n1', 'n9'], ['n2']] },
    '.groups[0][1]',
    '"n9"',
    /a node of this/,
  ],
  [
    'a rest that is not alone',
    { kind: 'partition', at, groups: [['n1'], ['n2', '*']] },
    '.groups[1][1]',
    '"*"',
    /of its own/,
  ],
  [
    'a pair of one',
    {
      kind: 'partition-partial',
      at,
      pairs: [
        ['n1', 'n2'],
        ['n3', 'n3'],
      ],
    },
    '.pairs[1]',
    '["n3","n3"]',
    /two diff/,
  ],
  ['a triple', { kind: 'partition-partial', at, pairs: [['n1', 'n2', 'n3']] }, '.pairs[0][2]', '"n3"', /a pair/],
  ['a clog of nothing', { kind: 'clog', at }, '.nodes', 'undefined', /either `nodes`, or/],
  ['a clog of both', { kind: 'clog', at, from: '*', nodes: ['n1'] }, '.nodes', '["n1"]', /either `nodes`, or/],
  ['ends as a text', { kind: 'loss', at, probability: 1, from: 'n1' }, '.from', '"n1"', /a list of node names/],
  ['a probability above 1', { kind: 'loss', at, probability: 1.1 }, '.probability', '1.1', /from 0 to 1/],
  ['not a number', { kind: 'loss', at, probability: NaN }, '.probability', 'NaN', /from 0 to 1/],
  ['no bandwidth', { kind: 'bandwidth', at, bytesPerSecond: 0 }, '.bytesPerSecond', '0', /from 1/],
  ['a faster link', { kind: 'link-delay', at, factor: 0.5 }, '.factor', '0.5', /from 1/],
  ['a step of 0', { kind: 'clock-step', at, node: 'n1', by: 0 }, '.by', '0', /not 0/],
  ['a step by a word', { kind: 'clock-step', at, node: 'n1', by: '--5ms' }, '.by', '"--5ms"', /"-1\.5s"/],
  ['an impossible drift', { kind: 'clock-drift', at, node: 'n1', ppm: -2e6 }, '.ppm', '-2000000', /parts per million/],
  [
    'an unknown clock',
    { kind: 'clock-freeze', at, node: 'n1', clock: 'cuckoo' },
    '.clock',
    '"cuckoo"',
    /"wall", "mono/,
  ],
  ['an unknown zone', { kind: 'zone-outage', at, zone: 'c' }, '.zone', '"c"', /a zone of this world: a, b/],
  ['an unknown region', { kind: 'region-outage', at, region: 'q' }, '.region', '"q"', /a region of this world: r/],
  [
    'an unknown mode',
    { kind: 'zone-outage', at, zone: 'a', mode: 'flood' },
    '.mode',
    '"flood"',
    /"crash" or "isolate"/,
  ],
  [
    'a long stagger',
    { kind: 'correlated', at, for: 10, nodes: ['n1', 'n2'], stagger: 10 },
    '.stagger',
    '10',
    /last node/,
  ],
  ['an id with a space', { kind: 'pause', at, node: 'n1', id: 'a b' }, '.id', '"a b"', /an id of/],
];

describe('a mistake in a schedule', () => {
  test.each(MISTAKES)('%s is told with field, value and expectation', (_label, fault, field, value, expected) => {
    const good = { kind: 'pause', at, node: 'n1' };
    const error = errorOf(() => parseSchedule([good, good, fault], KNOWN));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message.startsWith(`faults[2]${field}: got ${value}, expected `)).toBe(true);
    expect((error as ConfigError).expected).toMatch(expected);
  });

  test('such as an id used twice is told', () => {
    const fault = { kind: 'pause', at, node: 'n1', id: 'x' };
    expect(() => parseSchedule([fault, fault])).toThrow(
      'faults[1].id: got "x", expected an id that no other fault has',
    );
  });

  test('such as no list at all is told', () => {
    expect(() => parseSchedule({})).toThrow('faults: got {}, expected a list of faults');
  });

  test('made by an author names the constructor and the field', () => {
    expect(() => plan.loss({ at: 0, probability: 2 })).toThrow(
      'loss.probability: got 2, expected a number from 0 to 1',
    );
  });

  test('never ends in anything but a ConfigError, whatever the JSON', () => {
    const junk = fc.oneof(
      fc.constantFrom<unknown>(null, true, '', '*', -1, 0.5, 1e300, [], {}, [[]], '__proto__', '5ms', NaN, Infinity),
      fc.jsonValue(),
    );
    const mutation = fc.record({
      where: fc.nat(),
      key: fc.constantFrom('kind', 'at', '__proto__', 'constructor', 'x'),
      junk,
    });
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(anySchedule, fc.array(mutation, { maxLength: 3 }), (json, mutations) => {
        // Each cloned on its own: junk that two of them share, put into itself, would be a cycle, which no JSON has.
        const mutated = mutations
          .map((mutation) => structuredClone(mutation))
          .reduce(mutate, JSON.parse(JSON.stringify(json)) as unknown);
        const error = errorOf(() => parseSchedule(mutated, PLACES));
        if (error === undefined) outcomes.read++;
        else outcomes.refused++;
        return error === undefined || error instanceof ConfigError;
      }),
      { numRuns: 2_500 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(300);
  });
});

/** Puts junk at one place of a JSON value: instead of a part, or as one more field. */
function mutate(json: unknown, { where, key, junk }: { where: number; key: string; junk: unknown }): unknown {
  const places: [Record<string, unknown>, string][] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const record = value as Record<string, unknown>;
    for (const part of Object.keys(record)) {
      places.push([record, part]);
      walk(record[part]);
    }
    if (!Array.isArray(value)) places.push([record, key]);
  };
  walk(json);
  if (places.length === 0) return junk;
  const [record, part] = places[where % places.length] as [Record<string, unknown>, string];
  Object.defineProperty(record, part, { value: junk, enumerable: true, configurable: true, writable: true });
  return json;
}

describe('a schedule', () => {
  const three = schedule([
    plan.pause({ node: 'n1', at: '3s' }),
    plan.pause({ node: 'n2', at: '1s', for: '1s' }),
    plan.pause({ node: 'n3', at: '1s', id: 'mine' }),
  ]);

  test('is sorted by time, then by the order given, and names what has no name', () => {
    expect(three.map(({ id, at }) => [id, at])).toEqual([
      ['F1', s(1)],
      ['mine', s(1)],
      ['F2', s(3)],
    ]);
  });

  test('keeps the ids of the others when one is taken out', () => {
    expect(schedule(withoutFault(three, 'F1')).map(({ id }) => id)).toEqual(['mine', 'F2']);
  });

  test('never gives a name that is taken', () => {
    const faults = schedule([plan.pause({ node: 'n1', at: 0 }), plan.pause({ node: 'n1', at: 1, id: 'F1' })]);
    expect(faults.map(({ id }) => id)).toEqual(['F2', 'F1']);
  });

  test('refuses a fault that was written by hand and is wrong', () => {
    expect(() => schedule([{ id: '', kind: 'pause', at: 1.5, node: 'n1' }])).toThrow('faults[0].at: got 1.5');
  });

  const healing: [label: string, faults: Fault[], healed: number | undefined][] = [
    ['no faults', [], 0],
    [
      'the last end',
      [plan.pause({ node: 'a', at: '1s', for: '5s' }), plan.pause({ node: 'a', at: '2s', for: '1s' })],
      s(6),
    ],
    [
      'one without end',
      [plan.pause({ node: 'a', at: '1s', for: '5s' }), plan.pause({ node: 'a', at: '2s' })],
      undefined,
    ],
    ['one that ends after the run', [plan.pause({ node: 'a', at: '1s', for: '10s' })], undefined],
    ['one that begins after the run', [plan.pause({ node: 'a', at: '10s' })], 0],
    ['a crash that does not restart', [plan.crash({ node: 'a', at: '1s', for: '1s', restart: false })], undefined],
    ['a loss for ever', [plan.destroy({ node: 'a', at: '1s' })], undefined],
    ['instants', [plan.restart({ node: 'a', at: '3s' }), plan.bitRot({ node: 'a', at: '2s', probability: 1 })], s(3)],
  ];
  test.each(healing)('is healed: %s', (_label, faults, healed) => {
    expect(healedAt(schedule(faults), s(10))).toBe(healed);
  });
});

describe('a fault in one line', () => {
  const lines: [Fault, string][] = [
    [plan.partition({ at, groups: plan.split(['n1', 'n2', 'n3', 'n4', 'n5'], 2) }), 'partition {n1,n2} | {n3,n4,n5}'],
    [plan.partition({ at, groups: [['n1'], ['*']] }), 'partition {n1} | the rest'],
    [plan.clockDrift({ at, node: 'n1', ppm: -750_000 }), 'clock of n1 ×0.25'],
    [plan.clockStep({ at, node: 'n1', by: '-250ms' }), 'wall clock of n1 steps -250ms'],
    [plan.clockOffset({ at, node: 'n1', by: '1s' }), 'wall clock of n1 off by +1s'],
    [plan.loss({ at, from: 'n1', probability: 0.001 }), 'loss n1 → all 0.1 %'],
    [
      plan.slow({ at, node: 'n1', factor: 3, delay: exponential({ mean: '5ms' }) }),
      'slow n1 ×3, +exponential(mean 5ms) per message',
    ],
    [plan.linkDelay({ at, from: ['n1', 'n2'], to: 'n3', extra: constant('40ms') }), 'delay {n1,n2} → n3 +40ms'],
    [plan.partitionPartial({ at, pairs: [['n1', 'n2']] }), 'partition n1 ↮ n2'],
    [plan.correlated({ at, nodes: ['n1', 'n2'], stagger: '2s' }), 'crash {n1,n2} 2s apart'],
    [plan.hotKey({ at, key: 'k7', share: 0.9 }), 'hot key k7: 90 % of all'],
  ];
  test.each(lines)('%#: says what happens', (fault, text) => {
    expect(faultText(fault)).toBe(text);
  });

  test('has a text of its own for every kind', () => {
    fc.assert(
      fc.property(fc.tuple(...FAULT_KINDS.map(faultOfKind)), (faults) => {
        const texts = schedule(faults as unknown as Fault[]).map(faultText);
        expect(new Set(texts).size).toBe(FAULT_KINDS.length);
        expect(texts.every((text) => /^\S.*\S$/.test(text) && !/undefined|NaN|object/.test(text))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('targetsOf', () => {
  const places = [
    { id: 'a', zone: 'z1', region: 'r' },
    { id: 'b', zone: 'z2', region: 'r' },
  ];

  test('names the nodes of a fault, each once', () => {
    expect(
      targetsOf(
        plan.partitionPartial({
          at,
          pairs: [
            ['a', 'b'],
            ['a', 'c'],
          ],
        }),
      ),
    ).toEqual(['a', 'b', 'c']);
    expect(targetsOf(plan.zoneOutage({ at, zone: 'z2' }))).toEqual([]);
  });

  test('finds those in a zone when it is told where nodes are', () => {
    expect(targetsOf(plan.zoneOutage({ at, zone: 'z2' }), places)).toEqual(['b']);
    expect(targetsOf(plan.partition({ at, groups: [['b'], ['*']] }), places)).toEqual(['b', 'a']);
  });
});
