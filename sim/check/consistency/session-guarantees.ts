/**
 * The four session guarantees of Terry, Demers, Petersen, Spreitzer, Theimer and Welch, "Session guarantees for weakly
 * consistent replicated data", PDIS 1994, seen from outside. "Older" is as far as it is known (session-versions.ts).
 *
 *   read your writes: a read returns nothing older than what its session had written to the key before.
 *   monotonic reads: a read returns nothing older than what its session had read of the key before, and never goes back to
 *     a version that it had already seen replaced.
 *   monotonic writes: a session's writes are seen in order. Who has read one of them does not afterwards read, of any key, a
 *     version older than what that session had written to it before, nor an earlier write of that session to that key. (Going back to what the reader itself had read before
 *     is a matter of monotonic reads, and not counted.) With the store's version numbers also: they grow along the session.
 *   writes follow reads: a write comes after what its session had read. Who has read the write does not afterwards read, of
 *     any key, a version older than what the writer had read of it before the write, nor the very version that it replaced.
 *     With version numbers also: the write's is higher than what its session had read of the key.
 *
 * PRAM implies the first three, and causal memory all four. O(n × sessions × log n).
 */
import { LatestSeen } from './latest-seen.ts';
import { isOlder, isSame } from './session-versions.ts';
import type { Version, VersionedStep } from './session-versions.ts';

export type SessionGuarantee = 'read your writes' | 'monotonic reads' | 'monotonic writes' | 'writes follow reads';

/** `culprit` must not have seen (or made) what it did, because of `newer`; its session knew by its own read `through`. */
export interface BrokenGuarantee {
  readonly culprit: VersionedStep;
  readonly newer: VersionedStep;
  readonly through?: VersionedStep;
  /** That `newer` replaced what the culprit saw is known because its session had read that here. */
  readonly replacing?: VersionedStep;
}

/** The first operation that breaks the guarantee. `steps` in order of invocation. */
export function brokenGuarantee(
  steps: readonly VersionedStep[],
  clients: number,
  guarantee: SessionGuarantee,
): BrokenGuarantee | undefined {
  switch (guarantee) {
    case 'read your writes':
      return staleBy(steps, clients, madeOf);
    case 'monotonic reads':
      return staleBy(steps, clients, sawOf) ?? returned(steps, clients);
    case 'monotonic writes':
      return shrinkingWrite(steps, clients, madeOf) ?? outOfOrder(steps, clients, madeOf, false);
    case 'writes follow reads':
      return shrinkingWrite(steps, clients, sawOf) ?? outOfOrder(steps, clients, sawOf, true);
  }
}

type Aspect = (step: VersionedStep) => Version | undefined;

const madeOf: Aspect = (step) => step.made;
const sawOf: Aspect = (step) => step.saw;

/** A read older than what its own session had made, or seen, before. */
function staleBy(steps: readonly VersionedStep[], clients: number, aspect: Aspect): BrokenGuarantee | undefined {
  const before = LatestSeen.perClient(clients);
  for (const step of steps) {
    if (!step.definite) continue;
    const own = before[step.client] as LatestSeen;
    const newer = step.saw === undefined ? undefined : own.newerThan(step.key, step.saw, step.rank);
    if (newer !== undefined) return { culprit: step, newer };
    const version = aspect(step);
    if (version !== undefined) own.note(step, version);
  }
  return undefined;
}

/** A read of a version that its session had already seen replaced by another. */
function returned(steps: readonly VersionedStep[], clients: number): BrokenGuarantee | undefined {
  const latest = Array.from({ length: clients }, () => new Map<number, VersionedStep>());
  const replaced = new Map<string, { readonly newer: VersionedStep; readonly replacing: VersionedStep }>();
  for (const step of steps) {
    if (step.saw === undefined || !step.definite) continue;
    const known = replaced.get(nameOf(step, step.saw));
    const last = latest[step.client]?.get(step.key);
    if (last?.saw !== undefined && !isSame(last.saw, step.saw)) {
      if (known !== undefined) return { culprit: step, ...known };
      replaced.set(nameOf(last, last.saw), { newer: step, replacing: last });
    }
    latest[step.client]?.set(step.key, step);
  }
  return undefined;
}

const nameOf = (step: VersionedStep, { line, rank }: Version): string => `${step.client} ${step.key} ${line} ${rank}`;

/** With one line for all: a write whose number is not above what its session had made, or seen, of the key. */
function shrinkingWrite(steps: readonly VersionedStep[], clients: number, aspect: Aspect): BrokenGuarantee | undefined {
  const before = LatestSeen.perClient(clients);
  for (const step of steps) {
    const own = before[step.client] as LatestSeen;
    const newer = step.made === undefined ? undefined : own.newerThan(step.key, step.made, step.rank);
    if (newer !== undefined) return { culprit: step, newer };
    const version = aspect(step);
    if (version !== undefined && step.definite) own.note(step, version);
  }
  return undefined;
}

/** Of a reader's session: per writer's session the read that saw its latest write, of any key and by key. */
interface Acquainted {
  readonly latest: Map<number, VersionedStep>;
  readonly byKey: Map<string, VersionedStep>;
  readonly own: LatestSeen;
}

/** A read older than what the writer of something seen before had made (or seen, for `reads`) before it wrote that. */
function outOfOrder(
  steps: readonly VersionedStep[],
  clients: number,
  aspect: Aspect,
  reads: boolean,
): BrokenGuarantee | undefined {
  const done = LatestSeen.perClient(clients);
  for (const step of steps) {
    const version = aspect(step);
    if (version !== undefined && step.definite) (done[step.client] as LatestSeen).note(step, version);
  }
  const readers = Array.from({ length: clients }, (): Acquainted => ({
    latest: new Map(),
    byKey: new Map(),
    own: new LatestSeen(),
  }));
  for (const step of steps) {
    if (step.saw === undefined || !step.definite) continue;
    const reader = readers[step.client] as Acquainted;
    if (reader.own.with(step.key, step.saw, step.rank) === undefined) {
      const broken = outOfOrderRead(step, step.saw, reader, done, reads);
      if (broken !== undefined) return broken;
    }
    reader.own.note(step, step.saw);
    const { source } = step;
    if (source === undefined || source.client === step.client) continue;
    if (rankSeen(reader.latest.get(source.client)) < source.rank) reader.latest.set(source.client, step);
    const slot = `${source.client} ${source.key}`;
    if (rankSeen(reader.byKey.get(slot)) < source.rank) reader.byKey.set(slot, step);
  }
  return undefined;
}

const rankSeen = (read: VersionedStep | undefined): number => read?.source?.rank ?? -1;

function outOfOrderRead(
  step: VersionedStep,
  saw: Version,
  reader: Acquainted,
  done: readonly LatestSeen[],
  reads: boolean,
): BrokenGuarantee | undefined {
  for (const [client, latest] of reader.latest) {
    const writer = done[client] as LatestSeen;
    const newer = writer.newerThan(step.key, saw, rankSeen(latest));
    if (newer !== undefined) return { culprit: step, newer, through: latest };
    const through = reader.byKey.get(`${client} ${step.key}`);
    const write = through?.source;
    if (through === undefined || write?.made === undefined) continue;
    if (!reads && step.source?.client === client && isOlder(saw, write.made))
      return { culprit: step, newer: write, through };
    const before = reads ? writer.with(step.key, saw, write.rank) : undefined;
    if (before !== undefined) return { culprit: step, newer: write, through, replacing: before };
  }
  return undefined;
}
