/** The session models as checks of a scenario: `read`, `write` and `cas` are judged, other operations are left out. */
import { ConfigError } from '../../base/errors.ts';
import { durationText, parseDuration, type Duration } from '../../base/time.ts';
import type { Operation } from '../../history/operation.ts';
import type { Check } from '../check.ts';
import { checkStaleness, checkVersionsBehind } from './bounded-staleness.ts';
import { checkGuarantee } from './check-guarantee.ts';
import { checkCausal, checkSequential, type SequentialOptions } from './check-sessions.ts';
import type { ConsistencyResult } from './consistency-witness.ts';
import type { SessionOptions } from './session-steps.ts';
import type { VersionOptions } from './session-versions.ts';

const JUDGED: readonly string[] = ['read', 'write', 'cas'];

function historyCheck(
  name: string,
  promise: string,
  decide: (operations: readonly Operation[]) => ConsistencyResult,
): Check {
  return {
    name,
    kind: 'history',
    promise,
    begin: (view) => ({
      finish: () => ({
        check: name,
        kind: 'history',
        ...decide(view.operations.filter(({ f }) => JUDGED.includes(f))),
      }),
    }),
  };
}

/** All operations in one order that keeps each session's own; every read returns the latest write (Lamport, 1979). */
export const sequential = (options: SequentialOptions = {}): Check =>
  historyCheck(
    'sequentially consistent',
    'one order of all operations keeps every session’s order and explains every read',
    (ops) => checkSequential(ops, options),
  );

/** No read returns a value that a write in its causal past had replaced (CC). Needs unique values. */
export const causal = (options: SessionOptions = {}): Check =>
  historyCheck('causally consistent', 'no read returns what a write in its causal past had replaced', (ops) =>
    checkCausal(ops, 'causal', options),
  );

/** Causal, and all replicas agree on one order of the writes (CCv, causal+). Needs unique values. */
export const causalPlus = (options: SessionOptions = {}): Check =>
  historyCheck('causal+ consistent', 'causal, and one order of the writes for all', (ops) =>
    checkCausal(ops, 'causal+', options),
  );

/** Each session sees all writes in one order that extends the causal order (CM). Needs unique values. */
export const causalMemory = (options: SessionOptions = {}): Check =>
  historyCheck('causal memory', 'each session sees all writes in one order that extends the causal order', (ops) =>
    checkCausal(ops, 'causal memory', options),
  );

/** Each session sees all writes in one order that extends the session orders (pipelined RAM). Needs unique values. */
export const pram = (options: SessionOptions = {}): Check =>
  historyCheck(
    'PRAM consistent',
    'each session sees every other session’s writes in the order in which they were made',
    (ops) => checkCausal(ops, 'pram', options),
  );

/** A session's reads return nothing older than its own writes. Needs unique values, or `version`. */
export const readYourWrites = (options: VersionOptions = {}): Check =>
  historyCheck('read your writes', 'a session reads nothing older than what it wrote', (ops) =>
    checkGuarantee(ops, 'read your writes', options),
  );

/** A session's reads of a key never go back. Needs unique values, or `version`. */
export const monotonicReads = (options: VersionOptions = {}): Check =>
  historyCheck('monotonic reads', 'a session reads nothing older than what it had read', (ops) =>
    checkGuarantee(ops, 'monotonic reads', options),
  );

/** A session's writes are seen in the order in which it made them. Needs unique values, or `version`. */
export const monotonicWrites = (options: VersionOptions = {}): Check =>
  historyCheck('monotonic writes', 'a session’s writes are seen in order', (ops) =>
    checkGuarantee(ops, 'monotonic writes', options),
  );

/** A write is seen only after what its session had read before it. Needs unique values, or `version`. */
export const writesFollowReads = (options: VersionOptions = {}): Check =>
  historyCheck('writes follow reads', 'a write is seen after what its session had read', (ops) =>
    checkGuarantee(ops, 'writes follow reads', options),
  );

export type StalenessOptions =
  | {
      /** How old a read may be, in virtual time. */ readonly within: Duration;
      readonly initial?: unknown;
      /** Search steps, for repeated values. Default: 2,000,000. */ readonly budget?: number;
    }
  | ({ /** How many versions behind a read may be: 0 or more. */ readonly versions: number } & VersionOptions);

/** Reads are at most so old, or so many versions behind. Throws ConfigError for a bound that is none. */
export function boundedStaleness(options: StalenessOptions): Check {
  if ('within' in options) {
    const within = parseDuration(options.within, 'boundedStaleness: within');
    const bound = durationText(within);
    return historyCheck(`staleness within ${bound}`, `no read is staler than ${bound}`, (ops) =>
      checkStaleness(ops, within, options),
    );
  }
  const { versions } = options;
  if (!Number.isSafeInteger(versions) || versions < 0)
    throw new ConfigError('boundedStaleness: versions', versions, 'a whole number of versions, 0 or more');
  const bound = `${versions} ${versions === 1 ? 'version' : 'versions'}`;
  return historyCheck(`staleness within ${bound}`, `no read is more than ${bound} behind`, (ops) =>
    checkVersionsBehind(ops, versions, options),
  );
}
