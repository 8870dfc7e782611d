/** Schedules a second of each bundled scenario through the pool of `orrery search`: one with one worker and one with two, in turns. */
import { SearchPool } from '../../cli/search/search-pool.ts';
import type { SearchSetting } from '../../cli/search/search-task.ts';
import { scenarios } from '../../scenarios/index.ts';
import { nemesisOf, readParams, type Scenario } from '../../sim/index.ts';
import type { Row, Scale, SearchLine } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';

/** Host time of all turns of all scenarios together, and the longest of a turn, ms: the row takes no longer as scenarios are added. */
const ALL_TURNS_MS = 80_000;
const LONGEST_TURN_MS = 300;
/** The first turn of each pool, in which its workers load and compile, does not count. */
const WARM_UP_MS = 600;
/** Batches are of about so much time, as far as is known: large enough for little talk. */
const BATCH_MS = 50;
const BATCH_MOST = 64;

class SearchTurns {
  private readonly pool: SearchPool;
  private readonly workers: number;
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private size = 1;

  constructor(setting: Omit<SearchSetting, 'stop'>, workers: number) {
    this.pool = new SearchPool({ ...setting, stop: this.stop.buffer }, workers);
    this.workers = workers;
  }

  /** Runs schedules from `first` on for so long, two batches for each worker at any time, as the command does; how many a second. */
  async rate(first: number, milliseconds: number): Promise<number> {
    const from = performance.now();
    let next = first;
    let done = 0;
    const worker = async (): Promise<void> => {
      while (done === 0 || performance.now() - from < milliseconds) {
        // A worker that was too late to begin even one schedule has another go: a rate of 0 would say nothing.
        if (done === 0) Atomics.store(this.stop, 0, 0);
        const indices = Array.from({ length: this.size }, () => next++);
        const { outcomes, took } = await this.pool.schedules(indices);
        done += outcomes.length;
        if (outcomes.length > 0)
          this.size = Math.max(1, Math.min(BATCH_MOST, Math.round((BATCH_MS * outcomes.length) / took)));
      }
    };
    // Workers ask before each schedule: what has not begun by then does not.
    const timer = setTimeout(() => Atomics.store(this.stop, 0, 1), milliseconds);
    await Promise.all(Array.from({ length: 2 * this.workers }, worker));
    clearTimeout(timer);
    return (1_000 * done) / (performance.now() - from);
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

async function searchLine(scenario: Scenario, { rounds, size }: Scale, turnMs: number): Promise<SearchLine> {
  const table = 'searches';
  const profiles = nemesisOf(scenario).profiles.map(({ name }) => name);
  if (profiles.length === 0) return { table, scenario: scenario.name, skipped: 'it claims to withstand no faults' };
  const setting = {
    scenario: scenario.name,
    seed: 'bench',
    params: readParams(scenario.params, {}),
    profiles,
  };
  const turns = [new SearchTurns(setting, 1), new SearchTurns(setting, 2)] as const;
  const rates: [number[], number[]] = [[], []];
  try {
    await Promise.all(turns.map((turn) => turn.rate(0, WARM_UP_MS * Math.sqrt(size))));
    for (let round = 0; round < rounds; round++) {
      for (const [i, turn] of turns.entries()) rates[i as 0 | 1].push(await turn.rate(1_000 * round, turnMs));
    }
  } finally {
    for (const turn of turns) await turn.end();
  }
  const [one, two] = rates;
  const speedUp = spreadOf(perRound(one, two, (x, y) => y / x));
  return { table, scenario: scenario.name, oneWorker: spreadOf(one), twoWorkers: spreadOf(two), speedUp };
}

/** In a quick run so many scenarios stand for all: the workers of each have everything to load and to compile anew. */
const QUICK_SCENARIOS = 8;

export const searches: Row = {
  name: 'searches',
  async measure(scale) {
    const every = scale.size < 1 ? Math.ceil(scenarios.length / QUICK_SCENARIOS) : 1;
    const chosen = scenarios.filter((_, i) => i % every === 0);
    const turnMs = scale.size * Math.min(LONGEST_TURN_MS, ALL_TURNS_MS / (chosen.length * scale.rounds * 2));
    const lines: SearchLine[] = [];
    for (const scenario of chosen) lines.push(await searchLine(scenario, scale, turnMs));
    return lines;
  },
};
