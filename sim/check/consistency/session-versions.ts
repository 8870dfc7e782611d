/**
 * Which version of a key each operation made or saw, and which of two versions is known to be the older.
 *
 * With the store's own version numbers that is a comparison. Without, only two things are known: the initial value is older
 * than every write, and of two writes of one session the first is the older (an indefinite write may take effect late, so it
 * is older than nothing).
 */
import type { Operation } from '../../history/operation.ts';
import { INITIAL_WRITER, readsFromOf } from './reads-from.ts';
import { NONE, sessionsOf } from './session-steps.ts';
import type { SessionOptions, SessionStep } from './session-steps.ts';

export interface VersionOptions extends SessionOptions {
  /**
   * The store's number of the version that a write made or a read saw, growing along each key's order; undefined when not
   * known, then the operation is left out. Default: read off the values, which must be unique.
   */
  readonly version?: (operation: Operation) => number | undefined;
}

/** A version of a key. */
export interface Version {
  /** Versions of one line are ordered by rank; of different lines nothing is known. INITIAL is older than all others. */
  readonly line: number;
  readonly rank: number;
  /** False for an indefinite write's: older than nothing. */
  readonly settled: boolean;
}

export const INITIAL_LINE = -1;

/** An operation of a session as the session guarantees see it. */
export interface VersionedStep {
  readonly op: Operation;
  readonly client: number;
  /** Place among the client's operations, in order of invocation. */
  readonly rank: number;
  readonly key: number;
  /** Indefinite steps precede nothing. */
  readonly definite: boolean;
  readonly saw?: Version;
  readonly made?: Version;
  /** The step that wrote what this one saw, when known. */
  readonly source?: VersionedStep;
}

export type VersionedHistory =
  | { readonly kind: 'known'; readonly steps: readonly VersionedStep[]; readonly clients: number }
  | { readonly kind: 'unexplained'; readonly read: Operation; readonly failed: Operation | undefined }
  | { readonly kind: 'ambiguous'; readonly reason: string };

/** Whether `a` is known to be an older version of the key than `b`. */
export const isOlder = (a: Version, b: Version): boolean =>
  a.line === INITIAL_LINE ? b.line !== INITIAL_LINE : a.line === b.line && a.settled && a.rank < b.rank;

export const isSame = (a: Version, b: Version): boolean => a.line === b.line && a.rank === b.rank;

export function versionedHistory(operations: readonly Operation[], options: VersionOptions): VersionedHistory {
  const sessions = sessionsOf(operations, options);
  if (sessions.flaw !== undefined) return { kind: 'ambiguous', reason: sessions.flaw };
  const ranks = ranksOf(sessions.steps, sessions.clients);
  const { version } = options;
  if (version !== undefined)
    return { kind: 'known', steps: numbered(sessions.steps, ranks, version), clients: sessions.clients };
  const resolved = readsFromOf(sessions);
  if (resolved.kind === 'ambiguous') return resolved;
  if (resolved.kind === 'unexplained')
    return { kind: 'unexplained', read: resolved.found.read.op, failed: resolved.found.failed };
  const { writer, happened } = resolved.readsFrom;
  const versionBy = (index: number): Version => {
    const step = sessions.steps[index] as SessionStep;
    return { line: step.client, rank: ranks[index] as number, settled: step.definite };
  };
  const drafts = sessions.steps.map((step): { -readonly [K in keyof VersionedStep]: VersionedStep[K] } => {
    const source = writer[step.index] as number;
    return {
      ...placeOf(step, ranks),
      ...(source === NONE
        ? {}
        : { saw: source === INITIAL_WRITER ? { line: INITIAL_LINE, rank: 0, settled: true } : versionBy(source) }),
      ...(step.to === NONE ? {} : { made: versionBy(step.index) }),
    };
  });
  drafts.forEach((draft, index) => {
    const source = drafts[writer[index] as number];
    if (source !== undefined) draft.source = source;
  });
  return { kind: 'known', steps: drafts.filter((_, index) => happened[index] === 1), clients: sessions.clients };
}

function ranksOf(steps: readonly SessionStep[], clients: number): number[] {
  const next = new Int32Array(clients);
  return steps.map(({ client }) => {
    const rank = next[client] as number;
    next[client] = rank + 1;
    return rank;
  });
}

const placeOf = (
  { op, client, key, definite, index }: SessionStep,
  ranks: readonly number[],
): Omit<VersionedStep, 'saw' | 'made' | 'source'> => ({
  op,
  client,
  rank: ranks[index] as number,
  key,
  definite,
});

/** With the store's numbers: one line per key, whoever wrote. A compare-and-set's number is that of what it made. */
function numbered(
  steps: readonly SessionStep[],
  ranks: readonly number[],
  version: (op: Operation) => number | undefined,
): VersionedStep[] {
  const makers = new Map<string, VersionedStep>();
  const known = steps.flatMap((step): VersionedStep[] => {
    const rank = version(step.op);
    if (rank === undefined) return [];
    const place = placeOf(step, ranks);
    const seen: Version = { line: 0, rank, settled: true };
    if (step.to === NONE) return [{ ...place, saw: seen }];
    const made = { ...place, made: seen };
    makers.set(`${step.key}/${rank}`, made);
    return [made];
  });
  return known.map((step) => {
    const source = step.saw === undefined ? undefined : makers.get(`${step.key}/${step.saw.rank}`);
    return source === undefined ? step : { ...step, source };
  });
}
