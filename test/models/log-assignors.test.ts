import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  partitionsOf,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
  type Assignment,
  type Assignor,
  type MemberSubscription,
} from '../../models/index.ts';
import { ASSIGNMENTS } from './published-vectors.ts';

const ASSIGNORS: readonly Assignor[] = [rangeAssignor, roundRobinAssignor, stickyAssignor];
const TOPICS = ['t0', 't1', 't2'] as const;

const subscribed = (member: string, topics: readonly string[], owned: readonly string[] = []): MemberSubscription => ({
  member,
  topics,
  owned,
});

const counts = fc.record({ t0: fc.nat(7), t1: fc.nat(7), t2: fc.nat(7) });
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 6 });
const members = names.chain((all) =>
  fc.tuple(...all.map((member) => fc.subarray([...TOPICS]).map((topics) => subscribed(member, topics)))),
);

const allOf = (assignment: Assignment): readonly string[] => Object.values(assignment).flat().toSorted();
const loads = (assignment: Assignment): readonly number[] => Object.values(assignment).map(({ length }) => length);
const everywhere = (who: readonly string[]): readonly MemberSubscription[] =>
  who.map((member) => subscribed(member, TOPICS));
const after = (assignment: Assignment, who: readonly string[]): readonly MemberSubscription[] =>
  who.map((member) => subscribed(member, TOPICS, assignment[member] ?? []));

describe('[S7] Kafka’s own examples: two consumers, two topics of three partitions', () => {
  const { members: two, topics, range, roundRobin } = ASSIGNMENTS;

  test('range', () => expect(rangeAssignor.assign(two, topics)).toEqual(range));
  test('round robin', () => expect(roundRobinAssignor.assign(two, topics)).toEqual(roundRobin));

  // KIP-54's examples for the sticky assignor.
  test('sticky moves only what the lost member had, where round robin moves more', () => {
    const four = { t0: 2, t1: 2, t2: 2, t3: 2 };
    const all = Object.keys(four);
    const first = stickyAssignor.assign(
      ['C0', 'C1', 'C2'].map((member) => subscribed(member, all)),
      four,
    );
    const rest = ['C0', 'C2'];
    const sticky = stickyAssignor.assign(
      rest.map((member) => subscribed(member, all, first[member] ?? [])),
      four,
    );
    for (const member of rest) expect(sticky[member]).toEqual(expect.arrayContaining(first[member] ?? []));
    expect(loads(sticky)).toEqual([4, 4]);
    const dealtAgain = roundRobinAssignor.assign(
      rest.map((member) => subscribed(member, all)),
      four,
    );
    const moved = rest.filter((member) => !(first[member] ?? []).every((one) => dealtAgain[member]?.includes(one)));
    expect(moved.length).toBeGreaterThan(0);
  });
});

describe.each(ASSIGNORS.map((assignor) => ({ name: assignor.name, assignor })))('$name', ({ assignor }) => {
  test('gives each subscribed partition to exactly one of its subscribers, whatever the order of the members', () => {
    fc.assert(
      fc.property(members, counts, (group, topics) => {
        const assignment = assignor.assign(group, topics);
        const wanted = TOPICS.filter((topic) => group.some((one) => one.topics.includes(topic)));
        expect(allOf(assignment)).toEqual(wanted.flatMap((topic) => partitionsOf(topic, topics[topic])).toSorted());
        for (const { member, topics: own } of group)
          for (const partition of assignment[member] ?? []) expect(own).toContain(partition.split('-')[0]);
        expect(assignor.assign(group.toReversed(), topics)).toEqual(assignment);
      }),
    );
  });

  test('is as even as it says when all subscribe to the same', () => {
    fc.assert(
      fc.property(names, counts, (who, topics) => {
        const shares = loads(assignor.assign(everywhere(who), topics));
        const most = assignor === rangeAssignor ? Object.values(topics).filter((n) => n % who.length > 0).length : 1;
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('sticky', () => {
  test('takes nothing from those who stay when a member leaves', () => {
    fc.assert(
      fc.property(names, counts, (who, topics) => {
        const before = stickyAssignor.assign(everywhere(who), topics);
        const rest = who.slice(1);
        const now = stickyAssignor.assign(after(before, rest), topics);
        for (const member of rest) expect(now[member]).toEqual(expect.arrayContaining(before[member] ?? []));
      }),
    );
  });

  test('moves no more than the newcomer’s share when a member comes', () => {
    fc.assert(
      fc.property(names, counts, (who, topics) => {
        const before = stickyAssignor.assign(everywhere(who), topics);
        const now = stickyAssignor.assign(after(before, [...who, 'z']), topics);
        const moved = who.flatMap((member) => (before[member] ?? []).filter((one) => !now[member]?.includes(one)));
        expect(moved.toSorted()).toEqual(now['z']?.toSorted());
        expect(moved.length).toBeLessThanOrEqual(Math.ceil(allOf(now).length / (who.length + 1)));
      }),
    );
  });

  test('lets the first keep what two believe to have', () => {
    const both = ['a', 'b'].map((member) => subscribed(member, ['t0'], ['t0-0', 't0-1']));
    expect(stickyAssignor.assign(both, { t0: 2 })).toEqual({ a: ['t0-0'], b: ['t0-1'] });
  });
});
