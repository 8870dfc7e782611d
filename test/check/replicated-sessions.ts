/** A tiny replicated store, to be configured into one consistency model or another, and random sessions against it. */
import { NEVER } from '../../sim/base/time.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { numbers } from './register-histories.ts';

export interface StoreConfiguration {
  /** Each session stays at one replica; otherwise it goes anywhere. */
  readonly sticky: boolean;
  /** Which writes a replica may apply: any, a session's in order, or what a write depends on first. */
  readonly delivery: 'any' | 'fifo' | 'causal';
  /** The highest timestamp wins; otherwise the last applied. */
  readonly lastWriterWins: boolean;
}

interface StoredWrite {
  readonly id: number;
  readonly session: number;
  readonly key: string;
  readonly value: number;
  readonly stamp: number;
  /** All that its replica had applied before. */
  readonly after: ReadonlySet<number>;
}

interface Replica {
  readonly applied: Set<number>;
  readonly state: Map<string, StoredWrite>;
  clock: number;
}

/** Three sessions, three replicas, two keys; one thing after another. */
export function storeHistory(
  seed: number,
  { sticky, delivery, lastWriterWins }: StoreConfiguration,
  length = 24,
): Operation[] {
  const below = numbers(seed);
  const replicas = Array.from({ length: 3 }, (): Replica => ({ applied: new Set(), state: new Map(), clock: 0 }));
  const writes: StoredWrite[] = [];
  const operations: Operation[] = [];
  const apply = (replica: Replica, write: StoredWrite): void => {
    replica.applied.add(write.id);
    replica.clock = Math.max(replica.clock, write.stamp);
    const old = replica.state.get(write.key);
    if (!lastWriterWins || old === undefined || old.stamp < write.stamp) replica.state.set(write.key, write);
  };
  const mayApply = (replica: Replica, write: StoredWrite): boolean => {
    if (replica.applied.has(write.id)) return false;
    if (delivery === 'causal') return [...write.after].every((id) => replica.applied.has(id));
    return (
      delivery === 'any' ||
      writes.every((other) => other.session !== write.session || other.id >= write.id || replica.applied.has(other.id))
    );
  };
  while (operations.length < length) {
    const replica = replicas[below(3)] as Replica;
    const deliverable = writes.filter((write) => mayApply(replica, write));
    if (below(2) === 0 && deliverable.length > 0) {
      apply(replica, deliverable[below(deliverable.length)] as StoredWrite);
      continue;
    }
    const session = below(3);
    const at = replicas[sticky ? session : below(3)] as Replica;
    const key = below(2) === 0 ? 'x' : 'y';
    const id = operations.length;
    const event = 2 * id;
    const isWrite = below(5) < 2;
    if (isWrite) {
      const write = {
        id: writes.length,
        session,
        key,
        value: writes.length + 1,
        stamp: (Math.floor(at.clock / 4) + 1) * 4 + session,
        after: new Set(at.applied),
      };
      writes.push(write);
      apply(at, write);
    }
    operations.push({
      id,
      client: `c${session}`,
      f: isWrite ? 'write' : 'read',
      key,
      input: isWrite ? writes.length : undefined,
      output: isWrite ? undefined : (at.state.get(key)?.value ?? null),
      outcome: 'ok',
      invoked: event,
      completed: event + 1,
      invokedAt: event * 1_000,
      completedAt: event * 1_000 + 500,
    });
  }
  return operations;
}

/** `a w x 1, b r x 1`: client, read or write (or `c` for compare-and-set, `c x 1>2`), key, value; one after another. A trailing ? leaves it unknown, ! fails. */
export function sessionsFrom(text: string): Operation[] {
  return text.split(',').map((line, id): Operation => {
    const [client, f, key, last] = line.trim().split(/\s+/) as [string, string, string, string];
    const shown = last.replace(/[?!]$/, '');
    const [from, to] = shown.split('>').map((part): unknown => (part === '-' ? null : Number(part)));
    const outcome = last.endsWith('?') ? 'info' : last.endsWith('!') ? 'fail' : 'ok';
    return {
      id,
      client,
      f: f === 'r' ? 'read' : f === 'w' ? 'write' : 'cas',
      key,
      input: f === 'r' ? undefined : f === 'w' ? from : [from, to],
      output: f === 'r' ? from : undefined,
      outcome,
      invoked: 2 * id,
      completed: outcome === 'info' ? Number.MAX_SAFE_INTEGER : 2 * id + 1,
      invokedAt: id * 1_000_000,
      completedAt: outcome === 'info' ? NEVER : id * 1_000_000 + 500_000,
    };
  });
}
