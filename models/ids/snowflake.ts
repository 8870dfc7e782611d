/**
 * Snowflake ids (Twitter, 2010): 64 bits that no two generators have to agree on. 1 bit 0, 41 bits of milliseconds since an epoch (69.7
 * years), 10 bits for the machine (5 data centre, 5 worker: 1,024), 12 bits of sequence (4,096 a millisecond and machine). They
 * sort by time as well as the machines' clocks agree. Unique as long as no machine's number is used twice and no timestamp returns.
 *
 * This file: the layout, and the step from one id to the next. Ids are texts, since JavaScript's numbers hold 53 bits only.
 */
import { ConfigError } from '../../sim/index.ts';

/** 4 November 2010, 01:42:54.657 UTC, unix ms. */
export const TWITTER_EPOCH = 1_288_834_974_657;
export const MACHINES = 1_024;
export const SEQUENCES = 4_096;
/** Milliseconds that 41 bits can count. */
export const LIFETIME_MS = 2 ** 41;

export interface SnowflakeFields {
  /** Milliseconds since the epoch, 0 … 2⁴¹ − 1. */
  readonly timestamp: number;
  /** Data centre times 32 plus worker, 0 … 1023. */
  readonly machine: number;
  /** 0 … 4095. */
  readonly sequence: number;
}

const within = (value: number, below: number, field: string): void => {
  if (!(Number.isSafeInteger(value) && value >= 0 && value < below))
    throw new ConfigError(`snowflake.${field}`, value, `a whole number from 0 to ${below - 1}`);
};

/** The id in decimal. Throws ConfigError for a field out of range. */
export function snowflakeId({ timestamp, machine, sequence }: SnowflakeFields): string {
  within(timestamp, LIFETIME_MS, 'timestamp');
  within(machine, MACHINES, 'machine');
  within(sequence, SEQUENCES, 'sequence');
  return ((BigInt(timestamp) << 22n) | (BigInt(machine) << 12n) | BigInt(sequence)).toString();
}

/** Takes an id apart. Throws ConfigError unless it is a decimal number of 63 bits. */
export function snowflakeFields(id: string): SnowflakeFields {
  if (!/^\d{1,19}$/.test(id) || BigInt(id) >= 1n << 63n)
    throw new ConfigError('snowflake', id, 'a decimal number below 2^63');
  const bits = BigInt(id);
  return {
    timestamp: Number(bits >> 22n),
    machine: Number((bits >> 12n) & 1_023n),
    sequence: Number(bits & 4_095n),
  };
}

/** The last id that was made: timestamp and sequence. */
export interface SnowflakeClock {
  last: number;
  sequence: number;
}

/**
 * The step to the next id at `now` (ms since the epoch): true when `clock` has taken it; `full` when all 4,096 of this millisecond are
 * used and the next one has to be waited for; `back` when the clock shows less than it has shown.
 */
export function stepSnowflake(clock: SnowflakeClock, now: number): true | 'full' | 'back' {
  if (now < clock.last) return 'back';
  if (now > clock.last) {
    clock.last = now;
    clock.sequence = 0;
    return true;
  }
  if (clock.sequence >= SEQUENCES - 1) return 'full';
  clock.sequence++;
  return true;
}

/** Nothing of the millisecond `last`, nor of any before it, is to be used any more. */
export function skipTo(clock: SnowflakeClock, last: number): void {
  clock.last = last;
  clock.sequence = SEQUENCES - 1;
}
