/** Arbitrary parameters of a scenario, within the bounds that it declares. */
import fc from 'fast-check';
import { ConfigError } from '../base/errors.ts';
import { ms } from '../base/time.ts';
import type { Param } from '../params.ts';
import type { Scenario } from '../scenario.ts';
import { nemesisOf } from '../topology-of.ts';

export type ScenarioParams = Readonly<Record<string, unknown>>;

/** Without a declared largest number: so many times the default. */
const REACH = 4;

function numbers({ kind, default: usual, bounds = {} }: Param<number>): fc.Arbitrary<number> {
  const { min = Math.min(-REACH * Math.abs(usual), -REACH), max = Math.max(REACH * Math.abs(usual), REACH) } = bounds;
  return kind === 'count'
    ? fc.integer({ min, max: Math.max(min, max) })
    : fc.double({ min, max: Math.max(min, max), noNaN: true, noDefaultInfinity: true });
}

function durations({ default: usual }: Param<number>): fc.Arbitrary<number> {
  const whole = Math.max(1, Math.floor(usual / ms(1)));
  return fc.integer({ min: Math.ceil(whole / REACH), max: whole * REACH }).map((n) => ms(n));
}

function values(param: Param<unknown>): fc.Arbitrary<unknown> {
  switch (param.kind) {
    case 'count':
    case 'number':
      return numbers(param as Param<number>);
    case 'duration':
      return durations(param as Param<number>);
    case 'flag':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...(param.choices ?? [param.default]));
    case 'text':
      return fc.constant(param.default);
  }
}

const isUsable = (scenario: Scenario, params: ScenarioParams): boolean => {
  try {
    nemesisOf(scenario, params);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
};

/**
 * Any parameters that the scenario takes, each the default half of the time; each shrinks to its default. `fixed` ones are not
 * drawn. A number without a declared bound goes to 4 times its default, a duration from a quarter of its default to 4 times.
 * What the scenario refuses to be built with is left out.
 */
export function scenarioParams(scenario: Scenario, fixed: ScenarioParams = {}): fc.Arbitrary<ScenarioParams> {
  const drawn = Object.entries(scenario.params).map(([name, param]): [string, fc.Arbitrary<unknown>] => [
    name,
    Object.hasOwn(fixed, name)
      ? fc.constant(fixed[name])
      : fc.oneof({ withCrossShrink: true }, fc.constant(param.default), values(param)),
  ]);
  return fc.record(Object.fromEntries(drawn)).filter((params) => isUsable(scenario, params));
}
