/** Options of SWIM, checked and filled in. */
import { ConfigError, maths, parseDuration, type Duration, type Micros } from '../../sim/index.ts';
import type { SwimRef } from './swim-protocol.ts';

export interface SwimOptions {
  /** Members that everybody knows from the start. A member that is not among them joins through one of them. */
  readonly nodes: readonly SwimRef[];
  /** The protocol period T′: one probe in each. Default 1 s. */
  readonly period?: Duration;
  /** From a ping until others are asked to try; below `period`. Should be above a round trip. Default: a quarter of the period. */
  readonly pingTimeout?: Duration;
  /** How many are asked, K: 0 or more. Default 3. 0: who does not answer directly is not there. */
  readonly indirect?: number;
  /**
   * Own periods that a suspect has to refute; 0: who does not answer is dead at once. Default 3⌈ln(n + 1)⌉ for n members, as long
   * as news of it is passed on.
   */
  readonly suspicion?: number;
  /** λ: news is sent λ⌈ln(n + 1)⌉ times by each member, above 0. Default 3, as in the paper's experiments. */
  readonly retransmit?: number;
  /** News in one message, at least 1. Default 8. */
  readonly piggyback?: number;
  /** Default `round-robin`; `random` is the paper's first version, without a bound on the time to detect. */
  readonly probing?: 'round-robin' | 'random';
  /** A death is accepted from hearsay (the paper), or only makes one suspicious, so that each finds out for itself. Default true. */
  readonly trustDeaths?: boolean;
  /**
   * Every so many periods all that is known is exchanged with somebody, who may be thought dead. Not in the paper: it lets the halves
   * of a split group find each other again, and brings back who has restarted. Default 10; 0: never.
   */
  readonly syncEvery?: number;
  /** Most by which the local health multiplier stretches periods (Lifeguard, Dadgar et al. 2018); 0: it does not. Default 0. */
  readonly maxHealth?: number;
  /** Members begin their periods at random instants, rather than all at once. Default true. */
  readonly stagger?: boolean;
}

export interface SwimSettings extends Required<Omit<SwimOptions, 'period' | 'pingTimeout' | 'suspicion'>> {
  readonly period: Micros;
  readonly pingTimeout: Micros;
  readonly suspicion: number | undefined;
}

function whole(value: number, least: number, field: string): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new ConfigError(`swim.${field}`, value, `a whole number of at least ${least}`);
  return value;
}

/** Throws ConfigError naming the field. */
export function readSwimOptions(options: SwimOptions): SwimSettings {
  const { nodes, suspicion, retransmit = 3, probing = 'round-robin' } = options;
  if (nodes.length === 0) throw new ConfigError('swim.nodes', nodes, 'at least one node');
  const period = parseDuration(options.period ?? '1s', 'swim.period');
  if (period < 4) throw new ConfigError('swim.period', options.period, 'a duration of at least 4 µs');
  const pingTimeout = parseDuration(options.pingTimeout ?? Math.floor(period / 4), 'swim.pingTimeout');
  if (pingTimeout < 1 || pingTimeout >= period)
    throw new ConfigError('swim.pingTimeout', options.pingTimeout, `above 0 and below the period, ${period} µs`);
  if (!(retransmit > 0 && retransmit < Infinity))
    throw new ConfigError('swim.retransmit', retransmit, 'a number above 0');
  if (probing !== 'round-robin' && probing !== 'random')
    throw new ConfigError('swim.probing', probing, '"round-robin" or "random"');
  return {
    nodes,
    period,
    pingTimeout,
    retransmit,
    probing,
    indirect: whole(options.indirect ?? 3, 0, 'indirect'),
    suspicion: suspicion === undefined ? undefined : whole(suspicion, 0, 'suspicion'),
    piggyback: whole(options.piggyback ?? 8, 1, 'piggyback'),
    trustDeaths: options.trustDeaths ?? true,
    syncEvery: whole(options.syncEvery ?? 10, 0, 'syncEvery'),
    maxHealth: whole(options.maxHealth ?? 0, 0, 'maxHealth'),
    stagger: options.stagger ?? true,
  };
}

/** ⌈ln(n + 1)⌉: rounds in which news reaches n members, up to a factor. */
export const spreadTime = (members: number): number => Math.max(1, Math.ceil(maths.ln(members + 1)));
