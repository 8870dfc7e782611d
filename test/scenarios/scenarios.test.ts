/**
 * Every bundled scenario answers as it says, the same each time and on both paths.
 *
 * golden-digests.json holds the digest of each at its own seed; `ORRERY_UPDATE_GOLDEN=1 npm test -- test/scenarios/scenarios` writes
 * it anew. A digest that changes says that the simulation has changed: say so in the changelog.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { run, type RunResult, type Scenario } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';

const FILE = new URL('golden-digests.json', import.meta.url);
const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>;
const runs = new Map<string, RunResult>();

const atItsSeed = (scenario: Scenario): RunResult => {
  const known = runs.get(scenario.name) ?? run(scenario, { seed: scenario.seed });
  runs.set(scenario.name, known);
  return known;
};

const table = scenarios.map((scenario) => ({ name: scenario.name, scenario }));

describe.each(table)('$name', ({ name, scenario }) => {
  test('answers as it expects', () => {
    const { expectation, verdicts } = atItsSeed(scenario);
    expect({ ...expectation, said: verdicts.map(({ check, status }) => `${check}: ${status}`) }).toMatchObject({
      met: true,
    });
  });

  test('has a check that something happened, and faults that did something', () => {
    const { verdicts, faults } = atItsSeed(scenario);
    expect(verdicts.some(({ kind }) => kind === 'sometimes')).toBe(true);
    expect(faults.filter(({ effects }) => effects === 0)).toEqual([]);
  });

  test('leaves nothing unjudged that it claims', () => {
    expect(atItsSeed(scenario).warnings).toEqual([]);
  });

  test('has the golden digest', () => {
    const { digest } = atItsSeed(scenario);
    if (process.env['ORRERY_UPDATE_GOLDEN'] === undefined) expect({ [name]: digest }).toEqual({ [name]: golden[name] });
  });
});

// All of them: scenarios.validate.ts.
test.each(table.filter(({ name }) => /canary|lease|raft|retry|race/.test(name)))(
  '$name is the same again, while part of it is recorded',
  ({ scenario }) => {
    const { digest } = atItsSeed(scenario);
    expect(run(scenario, { seed: scenario.seed, record: { from: 3_950_000, to: 4_450_000 } }).digest).toBe(digest);
  },
);

test('the same seed gives the same run, another seed another', () => {
  for (const { scenario } of table.filter(({ name }) => /canary|lease/.test(name))) {
    expect(run(scenario, { seed: scenario.seed }).digest).toBe(atItsSeed(scenario).digest);
    expect(run(scenario, { seed: 'another' }).digest).not.toBe(atItsSeed(scenario).digest);
  }
});

test('the golden table has each scenario and no other', () => {
  const digests = Object.fromEntries(scenarios.map((scenario) => [scenario.name, atItsSeed(scenario).digest]));
  if (process.env['ORRERY_UPDATE_GOLDEN'] !== undefined)
    writeFileSync(FILE, `${JSON.stringify(digests, undefined, 2)}\n`);
  else expect(Object.keys(golden)).toEqual(Object.keys(digests));
});

test('the registry is sorted by name, each name once', () => {
  const names = scenarios.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
});

test('a naive design and its sound counterpart share their seed and their faults', () => {
  const pairs = [
    ['asymmetric-partition', 'asymmetric-partition-quorum'],
    ['blocked-commit', 'blocked-commit-three-phase'],
    ['cascading-failure', 'cascading-failure-contained'],
    ['dead-backend', 'dead-backend-probed'],
    ['double-charge', 'double-charge-keys'],
    ['edge-burst', 'edge-burst-sliding'],
    ['false-alarm', 'false-alarm-swim'],
    ['false-witness', 'false-witness-second'],
    ['garbled-feed', 'garbled-feed-stream'],
    ['gray-backend', 'gray-backend-avoided'],
    ['half-done-saga', 'half-done-saga-logged'],
    ['id-clock-back', 'id-clock-back-waits'],
    ['id-same-machine', 'id-same-machine-leased'],
    ['leader-lost', 'leader-lost-in-sync'],
    ['leader-lost-unclean', 'leader-lost-in-sync'],
    ['lease-drift', 'lease-drift-fenced'],
    ['limit-race', 'limit-race-script'],
    ['limiter-fail-open', 'limiter-fail-closed'],
    ['lone-balancer', 'lone-balancer-pair'],
    ['lone-ticket-server', 'lone-ticket-server-pair'],
    ['lost-cart-item', 'lost-cart-item-siblings'],
    ['two-sides-go-on', 'two-sides-majority'],
    ['lost-decision', 'lost-decision-forced'],
    ['lost-message', 'lost-message-fsync'],
    ['lost-node', 'lost-node-replaced'],
    ['lost-session', 'lost-session-stateless'],
    ['overload-fifo', 'overload-adaptive-lifo'],
    ['paxos-lost-promise', 'paxos-durable-promise'],
    ['poison-blocks', 'poison-set-aside'],
    ['rebalance-duplicate', 'rebalance-idempotent'],
    ['rebalance-lost', 'rebalance-idempotent'],
    ['scale-up-lag', 'scale-up-headroom'],
    ['skewed-clock-update', 'skewed-clock-update-client'],
    ['slow-replica', 'slow-replica-hedged'],
    ['split-brain', 'split-brain-fenced'],
    ['split-commit', 'split-commit-two-phase'],
    ['stale-one', 'stale-one-quorum'],
    ['stale-read', 'stale-read-no-write-back'],
    ['stale-read', 'stale-read-write-back'],
    ['stale-shard-map', 'stale-shard-map-fenced'],
    ['unsynced-gateways', 'unsynced-gateways-sticky'],
    ['wasted-work', 'wasted-work-deadlines'],
    ['worked-twice', 'worked-twice-extended'],
    ['zombie-row', 'zombie-row-repaired'],
  ] as const;
  for (const pair of pairs) {
    const [naive, sound] = pair.map((name) =>
      atItsSeed(scenarios.find((scenario) => scenario.name === name) as Scenario),
    ) as [RunResult, RunResult];
    expect(sound.seed).toBe(naive.seed);
    expect(sound.schedule).toEqual(naive.schedule);
  }
});

test('the canary is caught: a run in which it is not is itself a failure', () => {
  const canary = atItsSeed(scenarios.find(({ name }) => name === 'canary') as Scenario);
  expect(canary.status).toBe('violated');
  expect(canary.verdicts.filter(({ status }) => status === 'violated').map(({ check }) => check)).toEqual([
    'no acknowledged write is lost',
    'linearizable register',
  ]);
});
