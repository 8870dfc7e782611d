/** A scenario: a named question about a design, with the world that it is asked of, the faults, the checks, the expected answer. */
import { ConfigError } from './base/errors.ts';
import { refuseUnknownFields } from './base/known-fields.ts';
import { parseDuration, s, type Duration, type Micros } from './base/time.ts';
import type { Check } from './check/check.ts';
import type { Fault } from './faults/fault.ts';
import type { NemesisLimits } from './faults/nemesis/limits.ts';
import { PROFILES, profileNamed } from './faults/nemesis/profiles.ts';
import type { Limits } from './kernel/limits.ts';
import type { ParamSpecs, ParamsOf } from './params.ts';
import type { World } from './world/world.ts';

/** What `build` may use of the world. */
export type WorldBuilder = Pick<World, 'refs' | 'ref' | 'node' | 'links' | 'random' | 'seed'>;

/** The answer that a scenario expects: a run that gives another one fails. */
export type Expectation =
  | { readonly kind: 'holds' }
  | { readonly kind: 'violates'; readonly checks: readonly string[]; readonly also: readonly string[] };

/** Every check holds. */
export const holds = (): Expectation => ({ kind: 'holds' });

/** This check (or each of these) is violated: the demonstration of a broken design. `also` may be violated too. Every other check holds. */
export const violates = (
  checks: string | readonly string[],
  options: { readonly also?: readonly string[] } = {},
): Expectation => ({
  kind: 'violates',
  checks: typeof checks === 'string' ? [checks] : checks,
  also: options.also ?? [],
});

export interface ScenarioSpec<D extends ParamSpecs, T> {
  /** Short, kebab-case, by what goes wrong. */
  readonly name: string;
  /** What it answers, in one line. */
  readonly question: string;
  readonly params?: D;
  /** Seed of a run that names none. Default: the scenario's name. */
  readonly seed?: string;
  /** Virtual time of a run. Default 30 s. */
  readonly duration?: Duration | ((params: ParamsOf<D>) => Duration);
  /** Places the nodes; what it returns is handed to `faults` and `checks`. */
  build(context: { readonly world: WorldBuilder; readonly params: ParamsOf<D>; readonly duration: Micros }): T;
  faults?(built: T & { readonly params: ParamsOf<D>; readonly duration: Micros }): readonly Fault[];
  checks(built: T & { readonly params: ParamsOf<D>; readonly duration: Micros }): readonly Check[];
  readonly expect: Expectation | ((params: ParamsOf<D>) => Expectation);
  /**
   * How soon after the last fault has healed goodput must be back to half of what it was; checked by default in every
   * scenario whose clients record operations. `false` when the scenario is not about that. Default 5 s.
   */
  readonly recovery?: Duration | false;
  readonly limits?: Partial<Limits>;
  /** What random fault schedules may do to it. Default: every bundled profile that heals, within the default limits. */
  readonly nemesis?: {
    /** Names of the profiles that the scenario's claims cover. Default: all that heal. */
    readonly profiles?: readonly string[];
    readonly limits?:
      NemesisLimits | ((built: T & { readonly params: ParamsOf<D>; readonly duration: Micros }) => NemesisLimits);
  };
}

/** A scenario whose parameters and world are its own business. */
export interface Scenario {
  readonly name: string;
  readonly question: string;
  readonly params: ParamSpecs;
  readonly seed: string;
  readonly recovery: Micros | false;
  readonly limits: Partial<Limits>;
  duration(params: Readonly<Record<string, unknown>>): Micros;
  build(context: { world: WorldBuilder; params: Readonly<Record<string, unknown>>; duration: Micros }): unknown;
  faults(built: unknown): readonly Fault[];
  checks(built: unknown): readonly Check[];
  expect(params: Readonly<Record<string, unknown>>): Expectation;
  /** What random fault schedules may do to it. */
  readonly nemesis: {
    /** Names of the profiles that its claims cover. */
    readonly profiles: readonly string[];
    limits(built: unknown): NemesisLimits;
  };
}

function nemesisFrom<D extends ParamSpecs>(
  { nemesis = {} }: ScenarioSpec<D, unknown>,
  where: string,
): Scenario['nemesis'] {
  refuseUnknownFields(nemesis, ['profiles', 'limits'], `${where}: nemesis`);
  const { profiles = Object.values(PROFILES).flatMap(({ name, unrestricted }) => (unrestricted ? [] : [name])) } =
    nemesis;
  for (const [i, name] of profiles.entries()) profileNamed(name, `${where}: nemesis.profiles[${i}]`);
  const { limits = {} } = nemesis;
  if (typeof limits !== 'function' && (typeof limits !== 'object' || limits === null))
    throw new ConfigError(`${where}: nemesis.limits`, limits, 'an object, or a function that makes it');
  return { profiles, limits: (built) => (typeof limits === 'function' ? limits(built as never) : limits) };
}

const LONGEST_NAME = 60;
const SCENARIO_FIELDS = [
  'name',
  'question',
  'params',
  'seed',
  'duration',
  'build',
  'faults',
  'checks',
  'expect',
  'recovery',
  'limits',
  'nemesis',
];

/** Checks a scenario's form and returns it. Throws ConfigError naming the field. */
export function defineScenario<D extends ParamSpecs, T>(spec: ScenarioSpec<D, T>): Scenario {
  if (typeof spec !== 'object' || spec === null)
    throw new ConfigError('scenario', spec, 'an object with name, question, build, checks, expect');
  const { name, question, duration = s(30), expect } = spec;
  if (typeof name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new ConfigError('scenario.name', name, 'a short kebab-case name such as split-brain');
  }
  if (name.length > LONGEST_NAME) throw new ConfigError('scenario.name', name, `at most ${LONGEST_NAME} characters`);
  const where = `scenario ${name}`;
  refuseUnknownFields(spec, SCENARIO_FIELDS, where);
  if (typeof question !== 'string' || question.trim() === '')
    throw new ConfigError(`${where}: question`, question, 'one line that says what the scenario answers');
  if (typeof spec.build !== 'function')
    throw new ConfigError(`${where}: build`, spec.build, 'a function that places the nodes');
  if (typeof spec.checks !== 'function')
    throw new ConfigError(`${where}: checks`, spec.checks, 'a function that returns the checks');
  if (typeof expect !== 'function' && (typeof expect !== 'object' || expect === null)) {
    throw new ConfigError(
      `${where}: expect`,
      expect,
      'holds(), violates(check), or a function of the parameters that returns one',
    );
  }
  const typed = spec as ScenarioSpec<D, unknown>;
  return {
    name,
    question,
    params: spec.params ?? {},
    seed: spec.seed ?? name,
    recovery: spec.recovery === false ? false : parseDuration(spec.recovery ?? s(5), `${where}: recovery`),
    limits: spec.limits ?? {},
    duration: (params) =>
      parseDuration(typeof duration === 'function' ? duration(params as ParamsOf<D>) : duration, `${where}: duration`),
    build: (context) => spec.build(context as Parameters<typeof spec.build>[0]),
    faults: (built) => typed.faults?.(built as never) ?? [],
    checks: (built) => typed.checks(built as never),
    expect: (params) => (typeof expect === 'function' ? expect(params as ParamsOf<D>) : expect),
    nemesis: nemesisFrom(typed, where),
  };
}
