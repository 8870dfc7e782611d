/** A worker of a search: loads the scenario once, then does one task after the other. Started by the pool. */
import { Tinypool } from 'tinypool';
import {
  ConfigError,
  investigate,
  profileNamed,
  run,
  SearchSpace,
  searchSchedules,
  SimulationError,
  type Scenario,
  type SearchOptions,
} from '../../sim/index.ts';
import { optionsOf } from '../../sim/search/trial.ts';
import { Exit } from '../exit-codes.ts';
import { loadBundle, resolveScenarios } from '../load-scenario.ts';
import { exploreTheOrders } from './order-worker.ts';
import {
  Stop,
  type Inquiry,
  type Investigation,
  type OrderAnswer,
  type Recording,
  type Refusal,
  type Schedules,
  type SearchSetting,
  type SearchTask,
} from './search-task.ts';

const setting = Tinypool.workerData as SearchSetting;
const stopFlag = new Int32Array(setting.stop);
const schedulesStopped = (): boolean => Atomics.load(stopFlag, 0) >= Stop.schedules;
const stopped = (): boolean => Atomics.load(stopFlag, 0) >= Stop.everything;

/** Loaded once for all tasks of this worker. */
const scenario = load();
// A failure is reported by the task that needs it.
scenario.catch(() => undefined);

async function load(): Promise<Scenario> {
  const { source, scenario: name } = setting;
  const loaded = source === undefined ? await resolveScenarios([name]) : await loadBundle(source.bundle, source.file);
  const one = loaded.find((candidate) => candidate.scenario.name === name);
  if (one === undefined) throw new ConfigError('scenario', name, 'the scenario that the search began with');
  return one.scenario;
}

/** Does a task. What the user got wrong is an answer; a thrown error is a fault of ours. */
export default async function work(task: SearchTask): Promise<Answer | Refusal> {
  try {
    return answer(await scenario, task);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof SimulationError || error instanceof Exit)
      return { refused: error.message };
    throw error;
  }
}

type Answer = Schedules | Investigation | Recording | OrderAnswer;

function answer(loaded: Scenario, task: SearchTask): Answer {
  switch (task.kind) {
    case 'schedules':
      return runSchedules(loaded, task.indices);
    case 'investigate':
      return lookInto(loaded, task);
    case 'record':
      return record(loaded, task.index);
    case 'orders':
      return exploreTheOrders(loaded, setting, task, stopped);
  }
}

function optionsAt(index: number): SearchOptions {
  const { seed, params, profiles } = setting;
  const profile = profileNamed(profiles[index % profiles.length] as string);
  return { seed, params, profile, from: index, count: 1 };
}

function runSchedules(loaded: Scenario, indices: readonly number[]): Schedules {
  const began = performance.now();
  const outcomes = indices.flatMap((index) => [...searchSchedules(loaded, optionsAt(index), schedulesStopped)]);
  return { outcomes, took: performance.now() - began };
}

function lookInto(loaded: Scenario, { index, property, minimiseRuns, futures }: Inquiry): Investigation {
  const stop = minimiseRuns === 0 ? (): boolean => false : stopped;
  const [outcome] = searchSchedules(loaded, optionsAt(index), stop);
  if (outcome === undefined) return { begun: false, runs: 0 };
  if (!outcome.violated.includes(property)) return { begun: true, runs: 0 };
  const space = new SearchSpace(loaded, optionsAt(index));
  return { begun: true, ...investigate(space, outcome, property, { minimiseRuns, futures, stop }) };
}

function record(loaded: Scenario, index: number): Recording {
  const trial = new SearchSpace(loaded, optionsAt(index)).trial(index);
  try {
    return { result: run(loaded, { ...optionsOf(trial), record: true }) };
  } catch (error) {
    if (error instanceof ConfigError || !(error instanceof Error)) throw error;
    return { error: error.message };
  }
}
