/**
 * The minimiser: from a run that violates a property to the smallest one that still violates it.
 *
 * It works on every axis: fewer faults (under another seed where that helps), weaker, shorter and later ones; fewer operations of clients; fewer nodes; latencies
 * without noise. Each step is kept only if the run then violates *the same* property; a run that fails otherwise does not count.
 * Faults keep their ids, and with these their draws, so that taking one away leaves the luck of all else as it was. The result
 * is no global minimum: no single step that is tried makes it smaller. At the end the trial runs twice more; what does not
 * violate the property both times, to the same digest, is not given out.
 */
import type { RunResult } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import { dropOneByOne, removeFaults, roundTimes, shortenFaults, weakenFaults } from './minimise-faults.ts';
import { flattenNoise, removeNodes, withholdOperations } from './minimise-world.ts';
import { Minimiser, type Axis } from './minimiser.ts';
import { answerOf, Oracle, type OracleOptions } from './oracle.ts';
import { tryOtherSeeds } from './other-seeds.ts';
import { attempt, type Attempt, type Trial } from './trial.ts';

export interface MinimiseOptions extends Omit<OracleOptions, 'budget'> {
  /** Runs at most, besides the two that verify the result. Default 300. */
  readonly budget?: number;
}

export interface Minimised {
  /** The smallest trial found. */
  readonly trial: Trial;
  /** Its run; absent when the property is that the run ends without an error. */
  readonly result?: RunResult;
  /** The error that it ends by, then. */
  readonly error?: string;
  /** Runs made, the two of the verification included. */
  readonly runs: number;
  /** Steps that made it smaller, by axis. */
  readonly steps: Readonly<Partial<Record<Axis, number>>>;
  /** `done`: no single step makes it smaller. Else what ended the work early. */
  readonly ended: 'done' | 'budget' | 'stopped';
}

const DEFAULT_BUDGET = 300;
/** Rounds over all axes at most; hardly ever more than two find anything. */
const ROUNDS = 4;

/**
 * Shrinks a trial that violates `property`. Undefined when it does not reproduce: neither what was found nor the trial itself
 * violates the property twice with one digest.
 */
export function minimise(scenario: Scenario, trial: Trial, options: MinimiseOptions): Minimised | undefined {
  const oracle = new Oracle(scenario, { ...options, budget: options.budget ?? DEFAULT_BUDGET });
  const m = new Minimiser(oracle, trial);
  const shown = attempt(scenario, trial);
  if (answerOf(shown, oracle.property, oracle.safetyOnly) !== 'same') return undefined;
  for (let round = 0; round < ROUNDS && oracle.ended === undefined; round++) {
    const before = m.trial;
    oneRound(m, shown);
    if (m.trial === before) break;
  }
  roundTimes(m);
  for (const [i, found] of [m.trial, trial].entries()) {
    const verified = verify(oracle, found);
    if (verified === undefined) continue;
    const runs = oracle.runs + 3 + 2 * i;
    const steps = i === 0 ? m.kept : {};
    return { trial: found, ...verified, runs, steps, ended: oracle.ended ?? 'done' };
  }
  return undefined;
}

function oneRound(m: Minimiser, { result }: Attempt): void {
  removeFaults(m);
  tryOtherSeeds(m);
  if (result !== undefined) withholdOperations(m, result);
  removeNodes(m);
  weakenFaults(m);
  dropOneByOne(m);
  shortenFaults(m);
  // A run that breaks off is told by a command line, which cannot say that there is no noise.
  if (result !== undefined) flattenNoise(m);
}

/** Runs it twice: the same failure and the same digest. */
function verify({ scenario, property, safetyOnly }: Oracle, trial: Trial): Attempt | undefined {
  const [first, second] = [attempt(scenario, trial), attempt(scenario, trial)];
  const both = [first, second].every((one) => answerOf(one, property, safetyOnly) === 'same');
  const alike = first.result?.digest === second.result?.digest && first.error === second.error;
  return both && alike ? first : undefined;
}
