/** A tiny transactional store of lists, to be configured into one isolation level or another, and random transactions on it. */
import { NEVER } from '../../sim/base/time.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { numbers } from './register-histories.ts';

/**
 * dirty writes: appends are in place at once. dirty reads: under a lock until the end, but seen at once, aborted ones too.
 * committed reads: every read sees what is committed at that moment. snapshot: reads see what was committed at the beginning,
 * and of two that append to one key the second aborts. stale snapshot: whoever only reads sees some earlier state; the others
 * are validated. validated: as a snapshot, and aborted when anything that was read has changed.
 */
export const STORES = [
  'dirty writes',
  'dirty reads',
  'committed reads',
  'snapshot',
  'stale snapshot',
  'validated',
] as const;
export type StoreKind = (typeof STORES)[number];

type Lists = Map<string, number[]>;
type Micro = ['r', string, number[] | null] | ['append', string, number];

const KEYS = ['x', 'y', 'z'];
const copied = (lists: Lists): Lists => new Map([...lists].map(([key, list]) => [key, [...list]]));

interface Running {
  readonly id: number;
  readonly plan: Micro[];
  readonly done: Micro[];
  readonly snapshot: Lists;
  readonly own: Lists;
  waits: number;
}

class IsolatedStore {
  readonly operations: Operation[] = [];
  private readonly kind: StoreKind;
  private readonly below: (bound: number) => number;
  /** What is in place: in dirty stores also what is not committed. */
  private readonly lists: Lists = new Map(KEYS.map((key) => [key, []]));
  private readonly past: Lists[] = [];
  private readonly locks = new Map<string, number>();
  private readonly running: (Running | undefined)[] = [undefined, undefined, undefined, undefined];
  private values = 0;
  private event = 0;

  constructor(seed: number, kind: StoreKind) {
    this.kind = kind;
    this.below = numbers(seed);
  }

  run(count: number): readonly Operation[] {
    while (this.operations.length < count || this.running.some((txn) => txn !== undefined)) {
      const client = this.below(this.running.length);
      const txn = this.running[client];
      if (txn !== undefined) this.advance(client, txn);
      else if (this.operations.length < count) this.begin(client, this.plan());
    }
    const last = this.begin(
      0,
      KEYS.map((key): Micro => ['r', key, null]),
      this.lists,
    );
    while (this.running[0] !== undefined) this.advance(0, last);
    return this.operations;
  }

  private plan(): Micro[] {
    const readsOnly = this.below(3) === 0;
    return Array.from({ length: 2 + this.below(2) }, (): Micro => {
      const key = KEYS[this.below(KEYS.length)] as string;
      return readsOnly || this.below(2) === 0 ? ['r', key, null] : ['append', key, ++this.values];
    });
  }

  private begin(client: number, plan: Micro[], from?: Lists): Running {
    const id = this.operations.length;
    const isOld = this.kind === 'stale snapshot' && plan.every(([f]) => f === 'r') && this.past.length > 0;
    const seen = from ?? (isOld ? (this.past[this.below(this.past.length)] as Lists) : this.lists);
    const txn: Running = { id, plan, done: [], snapshot: copied(seen), own: new Map(), waits: 0 };
    this.running[client] = txn;
    const at = this.event++;
    this.operations.push({
      ...{ id, client: `c${client}`, f: 'txn', key: '', input: plan, output: undefined, outcome: 'pending' },
      ...{ invoked: at, completed: Number.MAX_SAFE_INTEGER, invokedAt: at, completedAt: NEVER },
    });
    return txn;
  }

  private get isDirty(): boolean {
    return this.kind === 'dirty writes' || this.kind === 'dirty reads';
  }

  private advance(client: number, txn: Running): void {
    const micro = txn.plan[txn.done.length];
    if (micro === undefined) this.finish(client, txn, this.commits(txn));
    else if (micro[0] === 'r') txn.done.push(['r', micro[1], this.read(txn, micro[1])]);
    else if (this.append(txn, micro[1], micro[2])) txn.done.push(micro);
    else if (++txn.waits > 5) this.finish(client, txn, false);
  }

  private read(txn: Running, key: string): number[] {
    const own = txn.own.get(key) ?? [];
    if (this.isDirty) return [...(this.lists.get(key) as number[])];
    const base = this.kind === 'committed reads' ? this.lists : txn.snapshot;
    return [...(base.get(key) as number[]), ...own];
  }

  private append(txn: Running, key: string, value: number): boolean {
    if (this.kind === 'dirty reads') {
      if ((this.locks.get(key) ?? txn.id) !== txn.id) return false;
      this.locks.set(key, txn.id);
    }
    if (this.isDirty) this.lists.get(key)?.push(value);
    txn.own.set(key, [...(txn.own.get(key) ?? []), value]);
    return true;
  }

  private commits({ own, done, snapshot }: Running): boolean {
    if (this.kind === 'dirty reads') return this.below(4) > 0;
    if (this.isDirty || this.kind === 'committed reads') return true;
    const hasChanged = (key: string): boolean => this.lists.get(key)?.join() !== snapshot.get(key)?.join();
    if ([...own.keys()].some(hasChanged)) return false;
    if (this.kind === 'snapshot' || (this.kind === 'stale snapshot' && own.size === 0)) return true;
    return !done.some(([f, key]) => f === 'r' && hasChanged(key));
  }

  private finish(client: number, txn: Running, isCommitted: boolean): void {
    for (const [key, values] of txn.own) {
      const list = this.lists.get(key) as number[];
      if (isCommitted && !this.isDirty) list.push(...values);
      if (!isCommitted && this.isDirty)
        this.lists.set(
          key,
          list.filter((value) => !values.includes(value)),
        );
    }
    for (const [key, holder] of this.locks) if (holder === txn.id) this.locks.delete(key);
    if (isCommitted) this.past.push(copied(this.lists));
    const before = this.operations[txn.id] as Operation;
    const at = this.event++;
    const outcome = isCommitted ? 'ok' : 'fail';
    const output = isCommitted ? txn.done : undefined;
    this.operations[txn.id] = { ...before, outcome, output, completed: at, completedAt: at };
    this.running[client] = undefined;
  }
}

/** Four clients, three keys, and a last transaction that reads all. */
export const isolatedHistory = (seed: number, kind: StoreKind, count = 25): readonly Operation[] =>
  new IsolatedStore(seed, kind).run(count);
