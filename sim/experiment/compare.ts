/**
 * Two designs under the same draws: replication k of both has the same seed, and what is judged is the mean of the differences
 * (a paired-t interval: Law, Simulation Modeling and Analysis, §10.2), which is much narrower than two intervals apart.
 */
import { ConfigError } from '../base/errors.ts';
import type { Scenario } from '../scenario.ts';
import { estimate, type Estimate } from './estimate.ts';
import { KnownFigures } from './known-figures.ts';
import { replicate, type Replicated, type ReplicationOptions } from './replications.ts';

export interface Design {
  readonly scenario: Scenario;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface ComparedFigure {
  readonly name: string;
  readonly first: Estimate;
  readonly second: Estimate;
  /** Second minus first, pair by pair, over the pairs in which both have data. */
  readonly difference: Estimate;
  /** Whether the interval of the difference lies on one side of zero. */
  readonly secondIs: 'higher' | 'lower' | 'the same' | 'not shown to differ';
}

export interface Comparison {
  readonly first: Replicated;
  readonly second: Replicated;
  readonly figures: readonly ComparedFigure[];
}

/** Throws ConfigError for fewer than two replications, and as `replicate` does. */
export function compareDesigns(first: Design, second: Design, options: ReplicationOptions): Comparison {
  const { replications = 5 } = options;
  if (replications < 2)
    throw new ConfigError('replications', replications, 'at least 2: one pair says nothing about chance');
  const known = new KnownFigures();
  const [a, b] = [first, second].map(({ scenario, params = {} }) =>
    replicate(scenario, params, { ...options, course: true }, { known }),
  ) as [Replicated, Replicated];
  known.check(options.figures ?? []);
  const figures = Object.keys(a.runs).map((name) => comparedFigure(name, a, b));
  return { first: a, second: b, figures };
}

function comparedFigure(name: string, a: Replicated, b: Replicated): ComparedFigure {
  const pairs = (a.runs[name] ?? []).map((figure, k) => (b.runs[name]?.[k] ?? NaN) - figure);
  const difference = estimate(pairs.filter((x) => !Number.isNaN(x)));
  const { mean, halfWidth, min, max } = difference;
  const secondIs =
    min === 0 && max === 0
      ? 'the same'
      : mean - halfWidth > 0
        ? 'higher'
        : mean + halfWidth < 0
          ? 'lower'
          : 'not shown to differ';
  return { name, first: a.figures[name] as Estimate, second: b.figures[name] as Estimate, difference, secondIs };
}
