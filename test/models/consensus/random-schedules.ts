/** What a consensus group must keep under random schedules of faults and on rotten disks, whatever its protocol: one suite for all. */
import { describe, expect, test } from '@jest/globals';
import {
  bitRot,
  crash,
  defineScenario,
  exponential,
  holds,
  linearizable,
  ms,
  nemesisOf,
  RandomStream,
  register,
  run,
  s,
  type Check,
  type Fault,
  type RunResult,
  type Scenario,
  type WorldBuilder,
} from '../../../sim/index.ts';
import { kvClient } from '../../../models/index.ts';
import type { PlacedStore } from '../replication/store-contract.ts';

export interface GroupUnderTest {
  /** Of the scenario. */
  readonly name: string;
  readonly question: string;
  /** `after`: what is placed behind the clients. */
  readonly place: (world: WorldBuilder) => PlacedStore & { readonly after?: () => void };
  /** What the protocol promises beside a linearizable register. */
  readonly invariants: () => readonly Check[];
}

/** Five seconds of three clients, with an operator that no fault meets where there is one. */
export const groupUnderTest = ({ name, question, place, invariants }: GroupUnderTest): Scenario =>
  defineScenario({
    name,
    question,
    duration: s(5),
    recovery: false,
    build({ world, duration }) {
      const { nodes, store, after } = place(world);
      const client = kvClient({
        store,
        keys: ['x', 'y'],
        cas: 0.2,
        think: exponential({ mean: ms(40) }),
        from: ms(500),
        until: duration - ms(500),
      });
      for (const ref of world.refs<Record<never, never>>('c', 3)) world.node(ref, { actor: client });
      after?.();
      return { nodes };
    },
    checks: () => [linearizable(register()), ...invariants()],
    expect: holds(),
    nemesis: { limits: { roles: { operator: [] } } },
  });

export const broken = ({ verdicts }: RunResult): string[] =>
  verdicts
    .filter(({ status }) => status !== 'held')
    .map(({ check, status, message }) => `${check} ${status}: ${message}`);

/** One schedule each of three profiles. */
export function expectPromisesKept(scenario: Scenario, protocol: string): void {
  const { draw, profiles } = nemesisOf(scenario);
  const chosen = profiles.filter(({ name }) => ['partitions', 'disks', 'mixed'].includes(name));
  const found = chosen.flatMap((profile, k) =>
    broken(run(scenario, { seed: `${protocol.charAt(0)}${k}`, faults: draw(profile, protocol, k) })).map(
      (line) => `${profile.name}: ${line}`,
    ),
  );
  expect(found).toEqual([]);
}

export function expectSameWhilePartlyRecorded(scenario: Scenario): void {
  const { draw, profiles } = nemesisOf(scenario);
  const mixed = profiles.find(({ name }) => name === 'mixed') as (typeof profiles)[number];
  const options = { seed: 'paths', faults: draw(mixed, 'paths', 1) };
  const record = { from: ms(1_150), to: ms(1_500) };
  expect(run(scenario, { ...options, record }).digest).toBe(run(scenario, options).digest);
}

/** `count` schedules of every profile for each shape. */
export function survivesRandomSchedules<S extends { readonly name: string }>(
  shapes: readonly S[],
  scenarioOf: (shape: S) => Scenario,
  count: number,
): void {
  describe.each(shapes)('random schedules: $name', (shape) => {
    const scenario = scenarioOf(shape);
    const { draw, profiles } = nemesisOf(scenario);

    test.each(profiles)(`${count} of $name`, (profile) => {
      const begun = performance.now();
      const found: string[] = [];
      let acknowledged = 0;
      for (let k = 0; k < count; k++) {
        const result = run(scenario, { seed: `v${k}`, faults: draw(profile, `validate/${shape.name}`, k) });
        acknowledged += result.operations.filter(({ outcome }) => outcome === 'ok').length;
        found.push(...broken(result).map((line) => `${k}: ${line}`));
      }
      const rate = (count / (performance.now() - begun)) * 1_000;
      process.stdout.write(
        `${shape.name}, ${profile.name}: ${count} schedules, ${rate.toFixed(0)}/s, ${(acknowledged / count).toFixed(0)} operations each, ${found.length} violations\n`,
      );
      expect(found).toEqual([]);
      // Safe by doing nothing does not count.
      expect(acknowledged / count).toBeGreaterThan(30);
    });
  });
}

/** One disk of three rots, its server crashes, and then another one does; lines that match `excused` are a loss that shows only in the server. */
export function survivesRottenDisk(scenario: Scenario, count: number, excused: RegExp): void {
  test(`a rotten disk loses nothing for the group: ${count} schedules`, () => {
    const found: string[] = [];
    for (let k = 0; k < count; k++) {
      const random = new RandomStream('rot', `schedule/${k}`);
      const node = random.pick(['n1', 'n2', 'n3']);
      const at = s(1) + random.int(s(2));
      const faults: Fault[] = [
        bitRot({ node, at, probability: random.pick([0.02, 0.1, 0.5]) }),
        crash({ node, at: at + ms(20), for: ms(150) }),
        crash({ node: random.pick(['n1', 'n2', 'n3']), at: at + ms(600), for: ms(300) }),
      ];
      const lines = broken(run(scenario, { seed: `rot${k}`, faults }));
      found.push(...lines.filter((line) => !excused.test(line)).map((line) => `${k}: ${line}`));
    }
    expect(found).toEqual([]);
  });
}
