/**
 * When did the failure become inevitable? P(violation) by time, when everything after an instant is drawn again.
 *
 * The schedule stays as it is, and so does the past up to the instant: states, messages and timers under way. What is drawn
 * afterwards is drawn anew: latencies and fates of messages, the nodes' own streams, disks, NTP, faults. Draws that a model
 * made keyed beforehand, such as the instants of an open workload, stay. Before the faults the probability says how much luck
 * the failure needs; where it reaches 1 and stays there, the failure can no longer be averted.
 */
import { ConfigError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import type { Scenario } from '../scenario.ts';
import { answerOf } from './oracle.ts';
import { attempt, type Trial } from './trial.ts';
import { wilson, type Proportion } from './wilson.ts';

export interface InevitabilityPoint extends Proportion {
  /** From here on everything was drawn again. */
  readonly at: Micros;
  readonly runs: number;
  readonly violated: number;
}

export interface Inevitability {
  readonly points: readonly InevitabilityPoint[];
  /** The first instant from which on every redrawn run was violated; absent when the last instant still left a way out. */
  readonly pointOfNoReturn?: Micros;
  readonly runs: number;
  /** False when somebody said stop before all instants were done. */
  readonly complete: boolean;
}

export interface InevitabilityOptions {
  /** Name of the check. */
  readonly property: string;
  /** Judge safety only. Default false. */
  readonly safetyOnly?: boolean;
  /** Where to draw again, ascending: usually from 0 to the violation. At least one. */
  readonly instants: readonly Micros[];
  /** Redrawn runs at each instant, at least 1. Default 20. */
  readonly samples?: number;
  readonly stop?: () => boolean;
}

/** Instants from 0 to `until`, evenly spread: `count` of them, at least 2. */
export const evenly = (until: Micros, count: number): Micros[] =>
  Array.from({ length: count }, (_, i) => Math.round((until * i) / (count - 1)));

/** Runs `samples` futures at each instant. Throws ConfigError. */
export function inevitability(scenario: Scenario, trial: Trial, options: InevitabilityOptions): Inevitability {
  const { property, safetyOnly = false, instants, samples = 20, stop = () => false } = options;
  if (!(Number.isInteger(samples) && samples >= 1))
    throw new ConfigError('samples', samples, 'a whole number of at least 1');
  if (instants.length === 0) throw new ConfigError('instants', instants, 'at least one instant');
  const points: InevitabilityPoint[] = [];
  for (const at of instants) {
    if (stop()) break;
    let violated = 0;
    for (let salt = 1; salt <= samples; salt++) {
      const outcome = attempt(scenario, trial, { redraw: { at, salt } });
      if (answerOf(outcome, property, safetyOnly) === 'same') violated++;
    }
    points.push({ at, runs: samples, violated, ...wilson(violated, samples) });
  }
  const open = points.findLastIndex(({ violated, runs }) => violated < runs);
  const closed = points[open + 1];
  return {
    points,
    ...(closed === undefined ? {} : { pointOfNoReturn: closed.at }),
    runs: points.length * samples,
    complete: points.length === instants.length,
  };
}
