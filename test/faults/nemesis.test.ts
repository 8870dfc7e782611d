import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms, s } from '../../sim/base/time.ts';
import { ConfigError } from '../../sim/base/errors.ts';
import type { Fault } from '../../sim/faults/fault.ts';
import { drawSchedule, scheduleStream } from '../../sim/faults/nemesis.ts';
import { Arena } from '../../sim/faults/nemesis/arena.ts';
import { DRAWERS } from '../../sim/faults/nemesis/drawers.ts';
import { FAULT_FAMILIES, UNRECOVERABLE, type FaultFamily } from '../../sim/faults/nemesis/family.ts';
import type { FaultKind } from '../../sim/faults/fault.ts';
import { DEFAULT_ROLES, resolveLimits, type NemesisLimits } from '../../sim/faults/nemesis/limits.ts';
import { PROFILES, profileNamed } from '../../sim/faults/nemesis/profiles.ts';
import type { NemesisNode, NemesisTopology } from '../../sim/faults/nemesis/topology.ts';
import { healedAt, parseSchedule, scheduleJson, targetsOf } from '../../sim/faults/schedule.ts';
import { knownFrom } from '../../sim/faults/targets.ts';
import { RandomStream } from '../../sim/random/stream.ts';
import { topologies } from '../../sim/testing/topologies.ts';

const FAMILY_OF_KIND: Readonly<Record<string, FaultFamily>> = {
  pause: 'pause',
  slow: 'slow',
  'brown-out': 'load',
  'traffic-spike': 'load',
  'hot-key': 'load',
  'link-delay': 'delay',
  jitter: 'delay',
  'disk-slow': 'disk',
  'disk-full': 'disk',
  'fsync-fail': 'disk',
  'torn-write': 'disk',
  'lost-writes': 'corruption',
  'bit-rot': 'corruption',
  destroy: 'permanent',
  'zone-outage': 'zone',
  'region-outage': 'zone',
  correlated: 'zone',
  loss: 'loss',
  duplicate: 'duplicate',
  reorder: 'reorder',
  bandwidth: 'bandwidth',
  clog: 'clog',
};

/** The family of a fault, or undefined for a crash or restart, which belong to several. */
function familyOf({ kind }: Fault): FaultFamily | undefined {
  if (kind.startsWith('clock') || kind === 'ntp-loss') return 'clock';
  if (kind.startsWith('partition') || kind === 'flapping' || kind === 'isolate') return 'partition';
  return FAMILY_OF_KIND[kind];
}

const replicas = (count: number, zones = 1): NemesisNode[] =>
  Array.from({ length: count }, (_, i) => ({ id: `n${i + 1}`, role: 'replica', zone: `z${i % zones}`, region: 'r' }));
const clients = (count: number): NemesisNode[] =>
  Array.from({ length: count }, (_, i) => ({ id: `c${i + 1}`, role: 'client', zone: 'z0', region: 'r' }));
const FIVE: NemesisTopology = { nodes: [...replicas(5), ...clients(3)], end: s(20) };

const draw = (topology: NemesisTopology, profile: string, limits: NemesisLimits, seed: number) =>
  drawSchedule(topology, profileNamed(profile), limits, scheduleStream(`seed-${seed}`, profileNamed(profile), 0));

const RESTRICTED = Object.values(PROFILES).filter(({ unrestricted }) => !unrestricted);
const anyProfile = fc.constantFrom(...Object.values(PROFILES));
const anyRestricted = fc.constantFrom(...RESTRICTED);

/** How many nodes of each role are down at every instant at which somebody goes down. */
function mostDown(planned: readonly Fault[], { nodes }: NemesisTopology): Map<string, number> {
  const taking = [
    'crash',
    'crash-loop',
    'pause',
    'zone-outage',
    'region-outage',
    'correlated',
    'disk-full',
    'fsync-fail',
  ];
  const spans = planned
    .filter(({ kind }) => taking.includes(kind))
    .map((fault) => ({ from: fault.at, to: fault.at + (fault.for ?? 0), hit: targetsOf(fault, nodes) }));
  const most = new Map<string, number>();
  for (const { from } of spans) {
    const hit = new Set(spans.filter((span) => span.from <= from && from <= span.to).flatMap((span) => span.hit));
    for (const { id, role } of nodes) {
      if (!hit.has(id)) continue;
      const down = nodes.filter((node) => node.role === role && hit.has(node.id)).length;
      most.set(role, Math.max(most.get(role) ?? 0, down));
    }
  }
  return most;
}

describe('whatever the world and the profile', () => {
  test('a drawn schedule is valid, reads back as itself and keeps its budget', () => {
    fc.assert(
      fc.property(topologies(), anyProfile, fc.nat(), (topology, profile, seed) => {
        const planned = draw(topology, profile.name, {}, seed);
        expect(parseSchedule(scheduleJson(planned), knownFrom(topology.nodes))).toEqual(planned);
        expect(planned.length).toBeLessThanOrEqual(profile.maxFaults);
      }),
      { numRuns: 400 },
    );
  });

  test('the same seed and number give the same schedule, whatever was drawn before', () => {
    fc.assert(
      fc.property(topologies(), anyProfile, fc.nat(), fc.nat(50), (topology, profile, seed, k) => {
        const once = () => drawSchedule(topology, profile, {}, scheduleStream(`${seed}`, profile, k));
        const first = once();
        drawSchedule(topology, profile, {}, scheduleStream(`${seed}`, profile, k + 1));
        expect(once()).toEqual(first);
      }),
      { numRuns: 100 },
    );
  });

  test('a restricted profile heals in time, lets nothing go for good and leaves most nodes of a role up', () => {
    fc.assert(
      fc.property(topologies(), anyRestricted, fc.nat(), (topology, profile, seed) => {
        const planned = draw(topology, profile.name, {}, seed);
        const healed = healedAt(planned, topology.end);
        expect(healed).toBeLessThanOrEqual(topology.end - Math.ceil(topology.end / 4));
        for (const fault of planned) {
          expect(fault.at).toBeGreaterThanOrEqual(Math.floor(topology.end / 10));
          expect(UNRECOVERABLE).not.toContain(familyOf(fault));
        }
        for (const [role, down] of mostDown(planned, topology)) {
          const size = topology.nodes.filter((node) => node.role === role).length;
          expect(down).toBeLessThanOrEqual(Math.max(1, Math.ceil(size / 2) - 1));
        }
      }),
      { numRuns: 400 },
    );
  });

  test('limits on times, numbers, families, roles and nodes are kept', () => {
    const anyLimits = fc.record({
      quietBefore: fc.integer({ min: 0, max: 300 }).map((n) => ms(n)),
      quietAfter: fc.integer({ min: 0, max: 300 }).map((n) => ms(n)),
      minDuration: fc.integer({ min: 1, max: 50_000 }),
      maxDuration: fc.integer({ min: 50_000, max: 5_000_000 }),
      maxFaults: fc.integer({ min: 0, max: 5 }),
      families: fc.subarray([...FAULT_FAMILIES], { minLength: 1 }),
      maxConcurrentDown: fc.integer({ min: 0, max: 3 }),
      roles: fc.record({ proxy: fc.subarray([...FAULT_FAMILIES]) }),
    });
    fc.assert(
      fc.property(topologies(), anyRestricted, anyLimits, fc.nat(), (topology, profile, limits, seed) => {
        const spare = [(topology.nodes[0] as NemesisNode).id];
        const planned = draw(topology, profile.name, { ...limits, spare }, seed);
        expect(planned.length).toBeLessThanOrEqual(limits.maxFaults);
        for (const fault of planned) {
          expect(fault.at).toBeGreaterThanOrEqual(limits.quietBefore);
          expect(fault.at + (fault.for ?? 0)).toBeLessThanOrEqual(topology.end - limits.quietAfter);
          if (fault.for !== undefined) expect(fault.for).toBeLessThanOrEqual(limits.maxDuration);
          expectAllowed(fault, topology, { ...limits, spare });
        }
        for (const down of mostDown(planned, topology).values()) {
          expect(down).toBeLessThanOrEqual(limits.maxConcurrentDown);
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** The families that a crash or a restart may belong to. */
const CRASHING: readonly FaultFamily[] = ['crash', 'disk', 'corruption', 'permanent'];

function expectAllowed(fault: Fault, { nodes }: NemesisTopology, limits: NemesisLimits): void {
  const own = familyOf(fault);
  const families = own === undefined ? CRASHING : [own];
  expect(families.some((family) => limits.families?.includes(family))).toBe(true);
  const aims = new Set(targetsOf(fault, nodes));
  if ('from' in fault)
    for (const end of [fault.from, fault.to]) if (end === '*') nodes.forEach(({ id }) => aims.add(id));
  for (const id of aims) {
    expect(limits.spare).not.toContain(id);
    const { role } = nodes.find((node) => node.id === id) as NemesisNode;
    const allowed = { ...DEFAULT_ROLES, ...limits.roles }[role];
    if (allowed !== undefined) expect(families.some((family) => allowed.includes(family))).toBe(true);
  }
}

describe('what is drawn', () => {
  const drawn = (profile: string, runs: number, topology = FIVE): Fault[] =>
    Array.from({ length: runs }, (_, k) =>
      drawSchedule(topology, profileNamed(profile), {}, scheduleStream('s', profileNamed(profile), k)),
    ).flat();

  test('the unrestricted profile draws every kind of fault', () => {
    const zones: NemesisTopology = { nodes: [...replicas(6, 3), ...clients(2)], end: s(20) };
    const kinds = new Set(
      [zones, { ...zones, nodes: zones.nodes.map((node, i) => ({ ...node, role: 'replica', region: `r${i % 2}` })) }]
        .flatMap((topology) => drawn('safety', 600, topology))
        .map(({ kind }) => kind),
    );
    // `restart` comes with the disks that failed.
    expect([...kinds].toSorted()).toEqual(
      [...Object.keys(FAMILY_OF_KIND), 'crash', 'crash-loop', 'restart', 'ntp-loss', 'isolate', 'flapping']
        .concat(['partition', 'partition-one-way', 'partition-partial'])
        .concat(['clock-offset', 'clock-step', 'clock-drift', 'clock-freeze'])
        .toSorted(),
    );
  });

  test('about half of the families are off in a schedule of a swarm, and never all', () => {
    const profile = { ...profileNamed('mixed'), maxFaults: 40, severity: 4 };
    let on = 0;
    for (let k = 0; k < 60; k++) {
      const planned = drawSchedule(FIVE, profile, {}, scheduleStream('s', profile, k));
      expect(planned.length).toBeGreaterThan(0);
      on += new Set(planned.map(familyOf)).size;
    }
    const all = drawSchedule(FIVE, { ...profile, swarm: false, maxFaults: 400 }, {}, new RandomStream('s', 'all'));
    expect(new Set(all.map(familyOf)).size).toBeGreaterThan(11);
    expect(on / 60).toBeGreaterThan(4);
    expect(on / 60).toBeLessThan(8);
  });

  test('partitions come in every mode: by a coin, one alone, by size, in halves, with a bridge', () => {
    const sizes = new Set<string>();
    for (const fault of drawn('partitions', 300)) {
      if (fault.kind !== 'partition') continue;
      const replicasIn = fault.groups.map((group) => group.filter((name) => name.startsWith('n')).length).toSorted();
      sizes.add(replicasIn.join('|'));
    }
    // 5 replicas: a minority of 1 or 2 against the rest; 2 against 2 leaves out the bridge; 0 by a coin.
    expect([...sizes]).toEqual(expect.arrayContaining(['1|4', '2|3', '2|2']));
  });

  test('a swizzled clog takes nodes one after the other and lets them go in another order', () => {
    let swizzled = 0;
    for (let k = 0; k < 40; k++) {
      const limits = resolveLimits({}, FIVE, false);
      const clogs = DRAWERS.clog({
        arena: new Arena(FIVE, limits, false),
        random: new RandomStream('s', `clog/${k}`),
        severity: 1,
        room: 8,
      });
      const begins = clogs.map(({ at }) => at);
      const ends = clogs.map((fault) => fault.at + (fault.for as number));
      expect(begins).toEqual(begins.toSorted((x, y) => x - y));
      expect(new Set(ends).size).toBe(ends.length);
      expect(Math.max(...begins)).toBeLessThanOrEqual(Math.min(...ends));
      if (ends.some((end, i) => i > 0 && end < (ends[i - 1] as number))) swizzled++;
    }
    expect(swizzled).toBeGreaterThan(15);
  });

  test('a disk that does not sync is drawn for a quorum only, and its node starts again when it works', () => {
    const profile = profileNamed('disks');
    let failing = 0;
    for (let k = 0; k < 200; k++) {
      const planned = drawSchedule(FIVE, profile, {}, scheduleStream('s', profile, k));
      for (const fault of planned) {
        if (fault.kind !== 'fsync-fail') continue;
        failing++;
        const at = fault.at + (fault.for as number);
        expect(planned).toContainEqual(expect.objectContaining({ kind: 'restart', node: fault.node, at }));
      }
    }
    expect(failing).toBeGreaterThan(20);
    const pair = drawn('disks', 300, { nodes: replicas(2), end: s(20) });
    expect(pair.length).toBeGreaterThan(100);
    expect(pair.filter(({ kind }) => kind === 'fsync-fail')).toEqual([]);
  });

  test('a zone goes out as a whole when few enough nodes of a role are in it, and in part otherwise', () => {
    const spread = drawn('zones', 100, { nodes: replicas(5, 5), end: s(20) });
    expect(spread.some(({ kind }) => kind === 'zone-outage')).toBe(true);
    const narrow = drawn('zones', 100, { nodes: replicas(4, 2), end: s(20) });
    expect(narrow.some(({ kind }) => kind === 'zone-outage')).toBe(false);
    expect(narrow.length).toBeGreaterThan(50);
  });
});

describe('limits that make no sense', () => {
  test.each<[NemesisLimits, string]>([
    [{ spare: ['n9'] }, 'limits.spare[0]: got "n9", expected a node: n1, n2, n3'],
    [{ families: ['crush' as FaultFamily] }, 'limits.families[0]: got "crush"'],
    [{ roles: { replica: ['crush' as FaultFamily] } }, 'limits.roles.replica[0]: got "crush"'],
    [{ quietBefore: '15s', quietAfter: '6s' }, 'between quietBefore and quietAfter'],
    [{ minDuration: '2s', maxDuration: '1s' }, 'limits.maxDuration: got "1s", expected at least minDuration'],
    [
      { maxConcurrentDown: 0.5 },
      'limits.maxConcurrentDown: got 0.5, expected a whole number of at least 0, or "minority"',
    ],
    [{ maxFaults: -1 }, 'limits.maxFaults: got -1'],
    [{ mustHeal: ['crush' as FaultKind] }, 'limits.mustHeal[0]: got "crush", expected a kind of fault: '],
    [{ quietAfter: 'soon' }, 'limits.quietAfter: got "soon"'],
    [{ maxConcurrentDown: 'most' as never }, 'limits.maxConcurrentDown: got "most", expected a whole number'],
    [{ maxFault: 1 } as NemesisLimits, 'limits.maxFault: got 1, expected one of the fields'],
  ])('are refused with the field and the value: %j', (limits, message) => {
    expect(() => draw(FIVE, 'mixed', limits, 1)).toThrow(message);
    expect(() => draw(FIVE, 'mixed', limits, 1)).toThrow(ConfigError);
  });

  test('an unknown profile is met with the one that was meant', () => {
    expect(() => profileNamed('partition')).toThrow('did you mean "partitions"?');
  });
});
