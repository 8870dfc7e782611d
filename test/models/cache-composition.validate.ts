/**
 * Caching strategies behind a limiter and a balancer: forty chains of incidents each, on both paths. And each of those that are
 * linearizable under random fault schedules.
 */
import { describe, expect, test } from '@jest/globals';
import {
  FAULT_FAMILIES,
  defineScenario,
  holds,
  linearizable,
  ms,
  profileNamed,
  register,
  s,
  searchSchedules,
} from '../../sim/index.ts';
import type { KvStoreState } from '../../models/index.ts';
import { client, kvOperations, kvStore, openLoop } from '../../models/index.ts';
import type { KvProtocol } from '../../models/index.ts';
import { expectOneCompletionEach } from './caching-chain.ts';
import { STRATEGIES, type Strategy } from './caching-strategies.ts';

test.each(Object.entries(STRATEGIES))(
  '%s: every operation completes once and nothing is left behind',
  (_name, strategy) => {
    expectOneCompletionEach(strategy, 40);
  },
);

const comesBack = FAULT_FAMILIES.filter((family) => !['corruption', 'permanent'].includes(family));
const withoutCrashes = comesBack.filter((family) => family !== 'crash' && family !== 'zone' && family !== 'disk');

const scenarioOf = ({ place }: Strategy, survivesCrashes: boolean) =>
  defineScenario({
    name: 'strategy',
    question: 'Is it linearizable?',
    duration: s(6),
    recovery: false,
    build({ world }) {
      world.links({ transport: 'stream' });
      const store = world.node<KvStoreState, KvProtocol>('store', { actor: kvStore({ service: ms(1) }) });
      const target = place(world, store);
      for (const name of ['c1', 'c2', 'c3']) {
        const workload = openLoop({ rate: 40, until: s(5) });
        const operations = kvOperations({ keys: 4, readShare: 0.6, casShare: 0.1 });
        world.node(name, { actor: client<KvProtocol>({ target, workload, deadline: ms(400), ...operations }) });
      }
      return {};
    },
    checks: () => [linearizable(register())],
    expect: holds(),
    nemesis: {
      limits: {
        roles: { store: comesBack, cache: survivesCrashes ? comesBack : withoutCrashes, application: comesBack },
      },
    },
  });

const sound = Object.entries(STRATEGIES).filter(([, strategy]) => strategy.linearizable);

describe.each(sound)('%s', (name, strategy) => {
  test.each(['mixed', 'network', 'crashes', 'partitions'])('is linearizable under 100 schedules of %s', (profile) => {
    const scenario = scenarioOf(strategy, name !== 'write-behind');
    const options = { seed: 'linearizable', profile: profileNamed(profile), count: 100 };
    const failures = [...searchSchedules(scenario, options)].filter(({ status }) => status !== 'held');
    expect(failures.map(({ index, violated, error }) => ({ index, violated, error }))).toEqual([]);
  });
});

test('cache-aside without leases is not, and that is found', () => {
  const scenario = scenarioOf(STRATEGIES['cache-aside'] as Strategy, true);
  const outcomes = searchSchedules(scenario, { seed: 'linearizable', profile: profileNamed('network'), count: 100 });
  expect([...outcomes].some(({ violated }) => violated.includes('linearizable register'))).toBe(true);
});
