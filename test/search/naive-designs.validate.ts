/** Every naive bundled design is broken from nothing, and what is left of the schedule is small. */
import { describe, expect, test } from '@jest/globals';
import { explore, profileNamed, replay, type Finding } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';

/** The property that must fall, and the smallest schedule known to break it, in faults. */
const NAIVE: Readonly<Record<string, { property: string; smallest: number; profile?: string; most: number }>> = {
  'asymmetric-partition': { property: 'no acknowledged write is lost', smallest: 1, most: 20 },
  'lease-drift': { property: 'at most one holder acts', smallest: 1, most: 60 },
  'lost-message': { property: 'no acknowledged message is lost', smallest: 1, most: 20 },
  'retry-storm': { property: 'goodput returns', smallest: 1, most: 20 },
  'split-brain': { property: 'no acknowledged write is lost', smallest: 1, most: 20 },
  'stale-read': { property: 'linearizable register', smallest: 1, most: 20 },
  'stale-read-no-write-back': { property: 'linearizable register', smallest: 1, profile: 'network', most: 40 },
};

describe('naive designs under search', () => {
  test.each(Object.entries(NAIVE))('%s', (name, { property, smallest, profile = 'mixed', most }) => {
    const scenario = scenarios.find((one) => one.name === name);
    if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
    const search = explore(scenario, { seed: 'lab', profile: profileNamed(profile), count: most, minimiseRuns: 150 });
    let finding: Finding | undefined;
    for (let step = search.next(); step.done !== true && finding === undefined; step = search.next()) {
      if (step.value.kind === 'finding' && step.value.finding.property === property) finding = step.value.finding;
    }
    expect(finding?.schedule.length).toBeLessThanOrEqual(2 * smallest);
    expect(finding?.necessity.filter(({ without }) => without === 'still fails')).toEqual([]);
    expect(finding?.repro && replay(scenario, finding.repro).outcome).toBe('identical');
  });
});
