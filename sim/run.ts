/** `run`: the one function that simulates. Pure: the same scenario, seed, parameters and faults give the same result everywhere. */
import { ConfigError } from './base/errors.ts';
import { guarded } from './base/guarded.ts';
import { durationText, s, type Micros } from './base/time.ts';
import { CheckBoard } from './check/board.ts';
import { GOODPUT_RETURNS, goodputReturns } from './check/goodput.ts';
import type { Check } from './check/check.ts';
import type { Verdict } from './check/verdict.ts';
import type { Fault } from './faults/fault.ts';
import { Injector } from './faults/injector.ts';
import { faultText, healedAt, schedule, scheduleJson, targetsOf, type FaultSchedule } from './faults/schedule.ts';
import { runUntil, type EngineStatistics } from './kernel/engine.ts';
import { limitsFrom, type Limits } from './kernel/limits.ts';
import { readParams } from './params.ts';
import { RESULT_SCHEMA_VERSION, type FaultOutcome, type RunResult } from './result.ts';
import type { Expectation, Scenario } from './scenario.ts';
import { StateDigest } from './trace/state-digest.ts';
import { Trace, type TraceOptions } from './trace/trace.ts';
import { VERSION } from './version.ts';
import { assertConserved } from './world/conservation.ts';
import { presentEventText } from './world/event-text.ts';
import type { Node } from './world/node.ts';
import { World } from './world/world.ts';
import type { ChosenOrder, Director } from './world/director.ts';
import { runDirected } from './world/directed-run.ts';
import type { OperationLimits } from './world/withholding.ts';

export interface RunOptions {
  /** Everything drawn derives from it. Required: nothing is ever drawn from the host. */
  readonly seed: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Replaces the scenario's own faults. */
  readonly faults?: readonly Fault[];
  /** Record a trace with every node's state changes: true, or what to keep of it. Default false, the fast path. */
  readonly record?: boolean | TraceOptions;
  readonly limits?: Partial<Limits>;
  /** Latencies drawn, or each at its mean: to see whether a failure needs the luck of the network. Default `drawn`. */
  readonly noise?: 'drawn' | 'nominal';
  /** Operations that clients may begin: to see whether a failure needs the others. Default: all. */
  readonly operations?: OperationLimits;
  /** Decides the order of arrivals and timers, instead of the latencies that are drawn. Default: nobody. */
  readonly director?: Director;
  /** From `at` on everything is drawn again, as `salt` (a whole number) says: the same past, another future. */
  readonly redraw?: { readonly at: Micros; readonly salt: number };
}

/**
 * Runs a scenario. Throws ConfigError for bad parameters or faults and SimulationError when the simulated program breaks a
 * rule or passes a limit; a violated property is not an error but part of the result.
 */
export function run(scenario: Scenario, options: RunOptions): RunResult {
  const { seed } = options;
  if (typeof seed !== 'string' || seed === '') throw new ConfigError('seed', seed, 'a non-empty text');
  const limits = limitsFrom({ ...scenario.limits, ...options.limits });
  const params = readParams(scenario.params, options.params);
  const end = guarded('duration', () => scenario.duration(params));
  const { record = false } = options;
  const trace = record === false ? undefined : new Trace(record === true ? {} : record);
  const { noise, operations, redraw } = options;
  const world = new World({ seed, trace, maxPending: limits.maxPending, noise, operations });
  const built = guarded('build', () => scenario.build({ world, params, duration: end }));
  const context = { ...(built as object), params, duration: end };
  const planned = schedule(options.faults ?? guarded('faults', () => scenario.faults(context)));
  const injector = new Injector(world, planned);
  const healed = healedAt(planned, end);
  const board = new CheckBoard(
    world,
    { end, healedAt: healed, firstFaultAt: planned[0]?.at },
    withDefaults(
      scenario,
      guarded('checks', () => scenario.checks(context)),
      healed,
      end,
    ),
  );
  if (redraw !== undefined) world.at(redraw.at, { fire: () => world.redraw(redraw.salt) });
  guarded('the nodes, booting', () => world.start());
  injector.arm();
  const dispatch = operations === undefined ? () => world.dispatch() : () => world.dispatchWithholding();
  const { director } = options;
  const { engine, order } = guarded(
    () => presentEventText(world),
    () =>
      director === undefined
        ? { engine: runUntil(world.queue, end, limits, dispatch), order: undefined }
        : runDirected(world, director, end, limits, dispatch),
  );
  const verdicts = guarded('a check', () => board.finish());
  return conclude(scenario, world, options, { params, planned, injector, healed, verdicts, engine, order, trace });
}

/** Goodput after the faults is measured over at least this long. */
const SHORTEST_AFTERMATH: Micros = s(1);

/** How much longer the run would have to be to show the recovery that it owes; undefined when it owes none. */
function timeMissing({ recovery }: Scenario, healed: Micros | undefined, end: Micros): Micros | undefined {
  if (recovery === false || healed === undefined || healed === 0) return undefined;
  return Math.max(0, healed + recovery + SHORTEST_AFTERMATH - end);
}

/** Scenarios with clients owe recovery: once the last fault has healed, goodput comes back. */
function withDefaults(
  scenario: Scenario,
  checks: readonly Check[],
  healed: Micros | undefined,
  end: Micros,
): readonly Check[] {
  const names = checks.map((check) => check.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(`scenario ${scenario.name}: checks`, twice, 'each name once');
  if (scenario.recovery === false || timeMissing(scenario, healed, end) !== 0) return checks;
  return names.includes(GOODPUT_RETURNS) ? checks : [...checks, goodputReturns({ within: scenario.recovery })];
}

function warningsOf(
  world: World,
  scenario: Scenario,
  verdicts: readonly Verdict[],
  planned: FaultSchedule,
  healed: Micros | undefined,
  end: Micros,
): string[] {
  const warnings: string[] = [];
  const { count, first } = world.unhandled;
  if (count > 0)
    warnings.push(`${count} background flows ended with a failure that they did not handle, the first of ${first}`);
  if (verdicts.length === 0) warnings.push('no check judged this run');
  const missing = timeMissing(scenario, healed, end);
  if (missing !== undefined && missing > 0) {
    warnings.push(`recovery was not judged: the run would have to last ${durationText(missing)} longer`);
  }
  for (const { id, at } of planned) if (at >= end) warnings.push(`${id} begins after the end of the run`);
  return warnings;
}

interface Finished {
  readonly params: Readonly<Record<string, unknown>>;
  readonly planned: FaultSchedule;
  readonly injector: Injector;
  readonly healed: Micros | undefined;
  readonly verdicts: readonly Verdict[];
  readonly engine: EngineStatistics;
  readonly order: ChosenOrder | undefined;
  readonly trace: Trace | undefined;
}

function conclude(scenario: Scenario, world: World, { seed, noise, operations }: RunOptions, run: Finished): RunResult {
  const { params, planned, injector, healed, verdicts, engine, order, trace } = run;
  const { network, metrics } = world;
  injector.sightings.lookAround();
  const measured = metrics.toJSON();
  assertConserved(world, measured);
  const violated = verdicts.some((v) => v.status === 'violated');
  const undecided = verdicts.some((v) => v.status === 'undecided');
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    version: VERSION,
    scenario: scenario.name,
    question: scenario.question,
    params,
    durations: Object.keys(scenario.params).filter((name) => scenario.params[name]?.kind === 'duration'),
    seed,
    ...(noise === 'nominal' ? { noise } : {}),
    ...(operations === undefined ? {} : { limited: operations }),
    ...(order === undefined ? {} : { order }),
    schedule: scheduleJson(planned),
    faults: planned.map((fault) => faultOutcome(fault, injector, world)),
    ...(healed === undefined ? {} : { healedAt: healed }),
    status: violated ? 'violated' : undecided ? 'undecided' : 'held',
    verdicts,
    expectation: judge(
      guarded('expect', () => scenario.expect(params)),
      verdicts,
    ),
    nodes: world.nodes.map(nodeOutcome),
    phases: injector.sightings.all,
    operations: world.history.operations,
    warnings: warningsOf(world, scenario, verdicts, planned, healed, engine.reached),
    metrics: measured,
    network: {
      sent: network.sent,
      duplicated: network.duplicated,
      delivered: network.delivered,
      dropped: network.dropped,
      inFlight: network.inFlight,
    },
    engine,
    ...(trace === undefined
      ? {}
      : {
          trace: trace.toData(
            world.nodes.map((node) => node.id),
            world.initialStates,
            engine.reached,
          ),
        }),
    digest: digestOf(world),
  };
}

function nodeOutcome(node: Node): RunResult['nodes'][number] {
  const { id, role, zone, region, phase, status } = node;
  const turns = node.world.keepsTrace ? node.clock.turns : undefined;
  return {
    id,
    role,
    zone,
    region,
    phase,
    status,
    ...(turns === undefined || turns.length === 0 ? {} : { clock: turns }),
  };
}

function faultOutcome(fault: Fault, injector: Injector, world: World): FaultOutcome {
  const effects = injector.effects.find((effect) => effect.id === fault.id)?.count ?? 0;
  return {
    id: fault.id,
    text: faultText(fault),
    at: fault.at,
    ...(fault.for === undefined ? {} : { until: fault.at + fault.for }),
    nodes: targetsOf(fault, world.nodes),
    effects,
    struck: injector.sightings.of(fault.id),
  };
}

/** Every event as it was handled, then the state and the disk that each node ended with. */
function digestOf(world: World): string {
  const states = new StateDigest(world.digest);
  for (const node of world.nodes) {
    states.fold(node.state);
    const { disk } = node.used;
    if (disk !== undefined) states.fold(disk.snapshot());
  }
  return world.digest.hex();
}

function judge(expected: Expectation, verdicts: readonly Verdict[]): RunResult['expectation'] {
  const violated = verdicts.filter((v) => v.status === 'violated').map((v) => v.check);
  const undecided = verdicts.filter((v) => v.status === 'undecided').map((v) => v.check);
  const text = expected.kind === 'holds' ? 'holds' : `violates ${expected.checks.join(', ')}`;
  if (undecided.length > 0) return { text, met: false, why: `undecided: ${undecided.join(', ')}` };
  if (expected.kind === 'holds') {
    return {
      text,
      met: violated.length === 0,
      why: violated.length === 0 ? 'every check holds' : `violated: ${violated.join(', ')}`,
    };
  }
  // The default check is there only when there are faults that heal: without them it is not caught, but no mistake.
  const unknown = expected.checks.filter((name) => name !== GOODPUT_RETURNS && !verdicts.some((v) => v.check === name));
  if (unknown.length > 0)
    throw new ConfigError('expect', unknown[0], `the name of a check: ${verdicts.map((v) => v.check).join(', ')}`);
  const missing = expected.checks.filter((name) => !violated.includes(name));
  const surplus = violated.filter((name) => !expected.checks.includes(name) && !expected.also.includes(name));
  if (missing.length > 0) return { text, met: false, why: `not caught: ${missing.join(', ')}` };
  if (surplus.length > 0) return { text, met: false, why: `also violated: ${surplus.join(', ')}` };
  return { text, met: true, why: `caught by ${expected.checks.join(', ')}` };
}
