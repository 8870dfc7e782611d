/** Expectations of runs for Jest (and what has its `expect.extend`): `expect(run(scenario, options)).toHold()`. */
import type {} from 'expect';
import type { Verdict } from '../check/verdict.ts';
import { ConfigError } from '../base/errors.ts';
import { hint } from '../base/nearest.ts';
import type { RunResult } from '../result.ts';
import { commandOf, failureText } from './failure-text.ts';

export interface ReplayOptions {
  /**
   * Path of your scenario's file, for the replay command, as seen from where you will type it. Default: the scenario's name alone, which
   * is enough for one that comes with Orrery.
   */
  readonly scenario?: string;
}

export interface HoldOptions extends ReplayOptions {
  /** Also everything that should happen `sometimes`: for a run under faults of your own, not for random ones. Default false. */
  readonly exercised?: boolean;
}

/** What a matcher answers to Jest. */
export interface MatcherAnswer {
  readonly pass: boolean;
  message(): string;
}

const resultFrom = (received: unknown, matcher: string): RunResult => {
  const result = received as Partial<RunResult> | null | undefined;
  if (
    typeof result !== 'object' ||
    result === null ||
    !Array.isArray(result.verdicts) ||
    typeof result.digest !== 'string'
  ) {
    throw new ConfigError(`expect(…).${matcher}`, received, 'the result of a run');
  }
  return result as RunResult;
};

/**
 * Verdicts that are judged. What should happen `sometimes` shows that a run proves something; a run that did nothing wrong has not
 * broken a promise. Progress is owed only once every fault has healed.
 */
const judged = (result: RunResult, exercised: boolean): readonly Verdict[] =>
  result.verdicts.filter(({ kind }) => {
    if (kind === 'sometimes') return exercised;
    return result.healedAt !== undefined || (kind !== 'eventually' && kind !== 'slo');
  });

/** Every promise was kept, and none is undecided. */
function toHold(received: unknown, options: HoldOptions = {}): MatcherAnswer {
  const result = resultFrom(received, 'toHold');
  const broken = judged(result, options.exercised === true).filter(({ status }) => status !== 'held');
  const names = broken.map(({ check }) => check).join(', ');
  return {
    pass: broken.length === 0,
    message: () =>
      broken.length === 0
        ? failureText(`${result.scenario} holds, and was expected not to`, result, [], options.scenario)
        : failureText(`${result.scenario} does not hold: ${names}`, result, broken, options.scenario),
  };
}

/** The check called so is violated; without a name, any check that is judged. */
function toViolate(received: unknown, check?: string, options: ReplayOptions = {}): MatcherAnswer {
  const result = resultFrom(received, 'toViolate');
  const names = result.verdicts.map((verdict) => verdict.check);
  if (check !== undefined && !names.includes(check)) {
    throw new ConfigError('toViolate: check', check, `one of ${names.join(', ')}${hint(check, names)}`);
  }
  const asked =
    check === undefined ? judged(result, false) : result.verdicts.filter((verdict) => verdict.check === check);
  const violated = asked.filter(({ status }) => status === 'violated');
  const what = check === undefined ? 'violates no check' : `does not violate ${check}`;
  return {
    pass: violated.length > 0,
    message: () =>
      violated.length > 0
        ? failureText(`${result.scenario} was expected not to violate this`, result, violated, options.scenario)
        : failureText(`${result.scenario} ${what}`, result, asked, options.scenario),
  };
}

/** Both runs went the same way to the last event. */
function toBeIdenticalTo(received: unknown, expected: unknown, { scenario }: ReplayOptions = {}): MatcherAnswer {
  const [result, other] = [resultFrom(received, 'toBeIdenticalTo'), resultFrom(expected, 'toBeIdenticalTo')];
  const line = (of: RunResult): string =>
    `${of.digest} · ${of.status} · ${of.operations.length} operations · ${of.network.sent} messages · ${commandOf(of, scenario)}`;
  const pass = result.digest === other.digest;
  return {
    pass,
    message: () =>
      [`the runs are ${pass ? '' : 'not '}identical`, `  received ${line(result)}`, `  expected ${line(other)}`].join(
        '\n',
      ),
  };
}

/** `expect.extend(orreryMatchers)` */
export const orreryMatchers = { toHold, toViolate, toBeIdenticalTo };

declare module 'expect' {
  interface Matchers<R, T = unknown> {
    /** Every promise of the scenario was kept in this run. `sometimes` checks are judged on request only. */
    toHold(options?: HoldOptions): R;
    /** The check called so was violated; without a name, any. */
    toViolate(check?: string, options?: ReplayOptions): R;
    /** Both runs went the same way to the last event. */
    toBeIdenticalTo(other: RunResult, options?: ReplayOptions): R;
  }
}
