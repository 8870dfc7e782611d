import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RandomStream, ms, s } from '../../sim/index.ts';
import {
  consistentHash,
  leastConnections,
  maglev,
  peakEwma,
  powerOfChoices,
  randomBackend,
  roundRobin,
  smoothWeightedRoundRobin,
  sourceHash,
} from '../../models/index.ts';
import type { BackendIdentity, BackendView, BalancerPolicy } from '../../models/index.ts';

type AnyPolicy = BalancerPolicy<unknown>;

const POLICIES: readonly (() => AnyPolicy)[] = [
  () => roundRobin() as AnyPolicy,
  () => smoothWeightedRoundRobin() as AnyPolicy,
  () => leastConnections() as AnyPolicy,
  () => randomBackend() as AnyPolicy,
  () => powerOfChoices() as AnyPolicy,
  () => powerOfChoices({ choices: 3 }) as AnyPolicy,
  () => peakEwma() as AnyPolicy,
  () => peakEwma({ choices: Infinity }) as AnyPolicy,
  () => sourceHash() as AnyPolicy,
  () => consistentHash() as AnyPolicy,
  () => consistentHash({ factor: 1.25, placement: (members) => maglev({ members, size: 251 }) }) as AnyPolicy,
];

const view = (index: number, inFlight = 0, weight = 1): BackendView => ({ index, id: `s${index}`, inFlight, weight });
const views = (count: number): readonly BackendView[] => Array.from({ length: count }, (_, i) => view(i));
const placing = (random: RandomStream, key = '', now = 0) => ({ key, now, random });
const ok = (latency = 1, now = 0) => ({ ok: true, refused: false, latency, now });
const broken = (now = 0) => ({ ok: false, refused: false, latency: 1, now });

describe.each(POLICIES.map((make, i) => [`${i + 1}: ${make().name}`, make] as const))(
  'the contract of balancing policies: %s',
  (_name, make) => {
    test('picks one of the candidates, whichever they are and whatever ended before', () => {
      const candidates = fc.uniqueArray(
        fc.record({ index: fc.nat(6), inFlight: fc.nat(5), weight: fc.double({ min: 0.1, max: 4, noNaN: true }) }),
        { selector: ({ index }) => index, minLength: 1 },
      );
      const rounds = fc.array(fc.record({ candidates, key: fc.string(), ok: fc.boolean() }), {
        minLength: 1,
        maxLength: 20,
      });
      fc.assert(
        fc.property(rounds, fc.string(), (all, seed) => {
          const policy = make();
          const state = policy.init(views(7));
          const random = new RandomStream(seed, 'policy');
          all.forEach((round, now) => {
            const offered = round.candidates
              .map((one): BackendView => ({ ...one, id: `s${one.index}` }))
              .sort((a, b) => a.index - b.index);
            const chosen = policy.pick(state, offered, placing(random, round.key, now));
            expect(offered.map(({ index }) => index)).toContain(chosen);
            policy.ended?.(state, chosen, round.ok ? ok(now, now) : broken(now));
          });
        }),
      );
    });

    test('draws nothing when there is one candidate', () => {
      const random = new RandomStream('seed', 'policy');
      make().pick(make().init(views(3)), [view(1)], placing(random));
      expect(random.next()).toBe(new RandomStream('seed', 'policy').next());
    });

    test('uses every one of equal backends', () => {
      const policy = make();
      const state = policy.init(views(5));
      const random = new RandomStream('seed', 'policy');
      const used = new Set<number>();
      for (let i = 0; i < 300; i++) {
        const chosen = policy.pick(state, views(5), placing(random, `key-${i}`, i));
        policy.ended?.(state, chosen, ok(100, i));
        used.add(chosen);
      }
      expect(used.size).toBe(5);
    });

    test('its state is plain data and belongs to one balancer', () => {
      const state = make().init(views(3));
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      const policy = make();
      const random = new RandomStream('s', 'n');
      policy.pick(policy.init(views(3)), views(3), placing(random));
      expect(policy.init(views(3))).toEqual(state);
    });
  },
);

/** The names a, b, c, … of so many choices in a row, while all are candidates and none fails. */
function sequence(policy: AnyPolicy, weights: readonly number[], length: number): string {
  const all = weights.map((weight, i) => view(i, 0, weight));
  const state = policy.init(all as readonly BackendIdentity[]);
  const random = new RandomStream('s', 'n');
  return Array.from({ length }, () => 'abcde'[policy.pick(state, all, placing(random))]).join('');
}

describe('round robin', () => {
  test('gives each backend exactly one of any n consecutive requests', () => {
    expect(sequence(roundRobin() as AnyPolicy, [1, 1, 1, 1], 12)).toBe('abcdabcdabcd');
  });

  test('skips a backend that is away and goes on behind it', () => {
    const policy = roundRobin();
    const state = policy.init(views(3));
    const random = new RandomStream('s', 'n');
    const without1 = [view(0), view(2)];
    expect([1, 2, 3, 4].map(() => policy.pick(state, without1, placing(random)))).toEqual([0, 2, 0, 2]);
  });
});

describe('smooth weighted round robin', () => {
  test.each([
    [[5, 1, 1], 'aabacaa'],
    [[4, 2, 1], 'abacaba'],
    [[3, 2, 1], 'abacba'],
    [[5, 3, 2], 'abcaabacba'],
  ])('[L4] %j gives the published sequence, again and again', (weights, expected) => {
    const policy = smoothWeightedRoundRobin() as AnyPolicy;
    expect(sequence(policy, weights, 2 * expected.length)).toBe(expected + expected);
  });

  test('[L4] current weights are those of the commit message', () => {
    const policy = smoothWeightedRoundRobin();
    const all = [5, 1, 1].map((weight, i) => view(i, 0, weight));
    const state = policy.init(all);
    const after = Array.from({ length: 7 }, () => {
      policy.pick(state, all, placing(new RandomStream('s', 'n')));
      return state.current.join(' ');
    });
    // Of each pair of lines in the message the second: the first is before the chosen one has paid.
    expect(after).toEqual(['-2 1 1', '-4 2 2', '1 -4 3', '-1 -3 4', '4 -2 -2', '2 -1 -1', '0 0 0']);
  });

  test('is fair over any whole round, and never far from it in between', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weights, (all) => {
        const total = all.reduce((sum, w) => sum + w, 0);
        const chosen = sequence(smoothWeightedRoundRobin() as AnyPolicy, all, 2 * total);
        all.forEach((weight, i) => {
          const taken = (part: string): number => part.split('abcde'[i] as string).length - 1;
          for (let from = 0; from < total; from++) expect(taken(chosen.slice(from, from + total))).toBe(weight);
        });
      }),
    );
  });

  test('a failure lowers the effective weight for a while, a refusal does not', () => {
    const policy = smoothWeightedRoundRobin({ maxFails: 2 });
    const all = [view(0, 0, 4), view(1, 0, 4)];
    const state = policy.init(all);
    policy.ended?.(state, 0, { ok: false, refused: true, latency: 1, now: 0 });
    expect(state.lost).toEqual([0, 0]);
    for (let i = 0; i < 3; i++) policy.ended?.(state, 0, broken());
    expect(state.lost).toEqual([4, 0]);
    const random = new RandomStream('s', 'n');
    const taken = Array.from({ length: 100 }, () => policy.pick(state, all, placing(random)));
    expect(taken.slice(0, 4)).toEqual([1, 1, 0, 1]);
    expect(taken.filter((index) => index === 0).length).toBeGreaterThan(46);
  });
});

/** How often each of three candidates is chosen in 30,000, where nothing ends. */
function shares(policy: AnyPolicy, all: readonly BackendView[]): number[] {
  const random = new RandomStream('shares', 'n');
  const state = policy.init(all);
  const counts = all.map(() => 0);
  for (let i = 0; i < 30_000; i++) {
    const chosen = policy.pick(state, all, placing(random, `key-${i}`));
    counts[chosen] = (counts[chosen] as number) + 1;
  }
  return counts.map((n) => n / 30_000);
}

/** 4 standard deviations of a binomial share with n = 30,000. */
const near = (p: number): number => 4 * Math.sqrt((p * (1 - p)) / 30_000);

describe('least connections', () => {
  test('breaks ties evenly', () => {
    for (const share of shares(leastConnections() as AnyPolicy, [view(0, 2), view(1, 2), view(2, 2)]))
      expect(Math.abs(share - 1 / 3)).toBeLessThan(near(1 / 3));
  });

  test('counts requests in progress per weight', () => {
    const random = new RandomStream('s', 'n');
    expect(leastConnections().pick({}, [view(0, 2, 1), view(1, 5, 3), view(2, 2, 1)], placing(random))).toBe(1);
  });
});

describe('random and the power of choices', () => {
  test('random goes by weight', () => {
    shares(randomBackend() as AnyPolicy, [view(0, 0, 3), view(1, 0, 2), view(2, 0, 5)]).forEach((share, i) => {
      const p = [0.3, 0.2, 0.5][i] as number;
      expect(Math.abs(share - p)).toBeLessThan(near(p));
    });
  });

  test('two choices are two different backends: the most loaded of three is never chosen, the least loaded two times in three', () => {
    const [idle, middle, busy] = shares(powerOfChoices() as AnyPolicy, [view(0, 0), view(1, 1), view(2, 5)]);
    expect(busy).toBe(0);
    expect(Math.abs((idle as number) - 2 / 3)).toBeLessThan(near(2 / 3));
    expect(Math.abs((middle as number) - 1 / 3)).toBeLessThan(near(1 / 3));
  });

  test('ties among the drawn are fair, one choice is random, and as many as there are is least connections', () => {
    for (const share of shares(powerOfChoices() as AnyPolicy, [view(0), view(1), view(2)]))
      expect(Math.abs(share - 1 / 3)).toBeLessThan(near(1 / 3));
    for (const share of shares(powerOfChoices({ choices: 1 }) as AnyPolicy, [view(0), view(1, 9), view(2)]))
      expect(Math.abs(share - 1 / 3)).toBeLessThan(near(1 / 3));
    expect(shares(powerOfChoices({ choices: 3 }) as AnyPolicy, [view(0, 2), view(1, 1), view(2, 5)])).toEqual([
      0, 1, 0,
    ]);
  });

  test('[L8] balls in bins, quickly: 10,000 balls, two choices each', () => {
    const bins = new Array<number>(10_000).fill(0);
    const policy = powerOfChoices();
    const random = new RandomStream('l8', 'n');
    // A view reads its bin, so that a ball costs no more than its two draws.
    const all = bins.map((_, index) => ({
      index,
      id: '',
      weight: 1,
      get inFlight() {
        return bins[index] as number;
      },
    }));
    for (let ball = 0; ball < 10_000; ball++) {
      const chosen = policy.pick({}, all, placing(random));
      bins[chosen] = (bins[chosen] as number) + 1;
    }
    expect(Math.abs(bins.filter((n) => n >= 1).length / 10_000 - 0.761594)).toBeLessThan(0.012);
    expect(Math.abs(bins.filter((n) => n >= 2).length / 10_000 - 0.229505)).toBeLessThan(0.012);
  });
});

describe('peak EWMA', () => {
  const all = views(2);
  const both = peakEwma({ decay: '10s' });
  const pick = (state: ReturnType<typeof both.init>, now: number, candidates = all): number =>
    both.pick(state, candidates, placing(new RandomStream('s', `${now}`), '', now));

  test('leaves a backend as soon as one answer was slow, and tries it again when that has decayed', () => {
    const state = both.init(all);
    both.ended?.(state, 0, ok(ms(5), s(1)));
    both.ended?.(state, 1, ok(ms(5), s(1)));
    both.ended?.(state, 0, ok(ms(500), s(1)));
    const answers = (from: number, to: number): Set<number> => {
      const chosen = new Set<number>();
      for (let now = from; now < to; now += ms(50)) {
        const index = pick(state, now);
        chosen.add(index);
        if (index === 1) both.ended?.(state, 1, ok(ms(5), now));
      }
      return chosen;
    };
    // 500 ms decays to 5 ms after 10 s · ln 100 = 46 s.
    expect(answers(s(1), s(40))).toEqual(new Set([1]));
    expect(answers(s(40), s(60))).toEqual(new Set([0, 1]));
  });

  test('the average rises at once and falls with e^(−time/decay)', () => {
    const state = both.init(all);
    both.ended?.(state, 0, ok(1_000, 0));
    both.ended?.(state, 0, ok(200, s(10)));
    const kept = Math.exp(-1);
    expect(state.cost[0]).toBeCloseTo(1_000 * kept + 200 * (1 - kept), 6);
    both.ended?.(state, 0, ok(5_000, s(11)));
    expect(state.cost[0]).toBe(5_000);
  });

  test('costs grow with the requests in progress and shrink with the weight', () => {
    const state = both.init(all);
    both.ended?.(state, 0, ok(1_000, 0));
    both.ended?.(state, 1, ok(2_000, 0));
    expect(pick(state, 0, [view(0, 1), view(1, 1)])).toBe(0);
    expect(pick(state, 0, [view(0, 5), view(1, 1)])).toBe(1);
    expect(pick(state, 0, [view(0, 1), view(1, 1, 4)])).toBe(1);
  });

  test('a backend that never answered is tried with one request at a time', () => {
    const state = both.init(all);
    both.ended?.(state, 0, ok(1_000, 0));
    expect(pick(state, 0)).toBe(1);
    expect(pick(state, 0, [view(0, 50), view(1, 1)])).toBe(0);
  });
});

describe('hashing policies', () => {
  const owners = (policy: AnyPolicy, candidates: readonly BackendView[]): number[] => {
    const state = policy.init(views(5));
    const random = new RandomStream('s', 'n');
    return Array.from({ length: 1_000 }, (_, i) =>
      policy.pick(state, candidates, placing(random, `10.0.${i >> 8}.${i & 255}`)),
    );
  };
  const moved = (policy: AnyPolicy): { own: number; others: number } => {
    const before = owners(policy, views(5));
    const after = owners(
      policy,
      views(5).filter(({ index }) => index !== 2),
    );
    const count = (of: (index: number) => boolean): number =>
      before.filter((was, i) => of(was) && was !== after[i]).length;
    return { own: count((index) => index === 2) / 1_000, others: count((index) => index !== 2) / 1_000 };
  };

  test('the same source has the same backend; when one goes, source hash moves most of the others too, consistent hash none', () => {
    const naive = moved(sourceHash() as AnyPolicy);
    expect(Math.abs(naive.others - 0.6)).toBeLessThan(0.07); // of 4/5, 1/4 happen to stay
    for (const policy of [consistentHash(), consistentHash({ placement: (members) => maglev({ members }) })]) {
      const { own, others } = moved(policy as AnyPolicy);
      expect(others).toBe(0);
      expect(Math.abs(own - 0.2)).toBeLessThan(0.1);
    }
  });

  test('with bounded loads a hot key spills over to the next in its order', () => {
    const policy = consistentHash({ factor: 1.5 });
    const state = policy.init(views(4));
    const random = new RandomStream('s', 'n');
    const inFlight = [0, 0, 0, 0];
    for (let i = 0; i < 40; i++) {
      const chosen = policy.pick(
        state,
        inFlight.map((n, index) => view(index, n)),
        placing(random, 'hot'),
      );
      inFlight[chosen] = (inFlight[chosen] as number) + 1;
    }
    // Nobody has more than ⌈1.5 · 40 / 4⌉ = 15.
    expect([...inFlight].sort((a, b) => b - a)).toEqual([15, 15, 10, 0]);
  });

  test('wrong options are named', () => {
    expect(() => consistentHash({ factor: 1 })).toThrow('consistentHash.factor: got 1');
    expect(() => powerOfChoices({ choices: 0 })).toThrow('powerOfChoices.choices');
    expect(() => peakEwma({ decay: 0 })).toThrow('peakEwma.decay');
    expect(() => smoothWeightedRoundRobin({ maxFails: -1 })).toThrow('smoothWeightedRoundRobin.maxFails');
  });
});
