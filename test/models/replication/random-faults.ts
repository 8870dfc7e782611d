/** Arbitrary fault schedules for a group of nodes and its clients: what a sound design must live with. All heal by `before`. */
import fc from 'fast-check';
import {
  clockDrift,
  clockFreeze,
  clog,
  crash,
  crashLoop,
  diskFull,
  duplicate,
  fsyncFail,
  loss,
  ms,
  partition,
  partitionOneWay,
  pause,
  reorder,
  s,
  type Fault,
} from '../../../sim/index.ts';

interface Shape {
  readonly nodes: readonly string[];
  readonly clients: readonly string[];
  /** Every fault is over by then, µs. */
  readonly before: number;
}

export function faultsFor({ nodes, clients, before }: Shape): fc.Arbitrary<Fault[]> {
  const longest = s(3);
  const window = fc.record({
    at: fc.integer({ min: ms(300), max: before - longest }),
    for: fc.integer({ min: ms(50), max: longest }),
  });
  const node = fc.constantFrom(...nodes);
  const probability = fc.constantFrom(0.05, 0.2, 0.5);
  const everybody = [...nodes, ...clients];
  const sides = fc
    .tuple(
      fc.shuffledSubarray(everybody, { minLength: everybody.length }),
      fc.integer({ min: 1, max: everybody.length - 1 }),
    )
    .map(([all, cut]) => [all.slice(0, cut), all.slice(cut)]);
  const one = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(window, node).map(([w, n]) => crash({ ...w, node: n })) },
    { weight: 3, arbitrary: fc.tuple(window, sides).map(([w, groups]) => partition({ ...w, groups })) },
    fc.tuple(window, node).map(([w, from]) => partitionOneWay({ ...w, from, to: nodes.filter((n) => n !== from) })),
    fc.tuple(window, node).map(([w, to]) => partitionOneWay({ ...w, from: nodes.filter((n) => n !== to), to })),
    fc.tuple(window, node).map(([w, n]) => pause({ ...w, node: n })),
    fc
      .tuple(window, node, fc.integer({ min: -500_000, max: 900_000 }))
      .map(([w, n, ppm]) => clockDrift({ ...w, node: n, ppm: ppm === 0 ? 1 : ppm })),
    fc.tuple(window, node).map(([w, n]) => clockFreeze({ ...w, node: n, clock: 'monotonic' })),
    fc.tuple(window, probability).map(([w, p]) => loss({ ...w, probability: p })),
    fc.tuple(window, probability).map(([w, p]) => duplicate({ ...w, probability: p })),
    fc.tuple(window, probability).map(([w, p]) => reorder({ ...w, probability: p, window: ms(300) })),
    fc.tuple(window, node).map(([w, from]) => clog({ ...w, from })),
    fc.tuple(window, node).map(([w, n]) => fsyncFail({ ...w, node: n })),
    fc.tuple(window, node).map(([w, n]) => diskFull({ ...w, node: n })),
    fc
      .tuple(window, node)
      .map(([w, n]) => crashLoop({ at: w.at, for: longest, node: n, every: ms(700), down: ms(200) })),
  );
  return fc.array(one, { minLength: 1, maxLength: 6 });
}
