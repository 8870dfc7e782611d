/**
 * Who owns what. `shardInvariants`: in one epoch each shard (key range, partition) has at most one owner, epochs never go back, and
 * in the end every shard has an owner that is up. `ringInvariants`: nodes that know the same members place every key alike, and
 * when one member comes or goes only keys to or from it move (Karger et al., "Consistent hashing and random trees", STOC 1997).
 *
 * An event costs a look at what a node owns, or, when its members have changed, one placement of each probed key.
 */
import { instantText, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

/** A node as the checks see it: what it acts upon. */
export interface ShardView {
  /** Epoch of the assignment: also called generation, term, configuration number. */
  readonly epoch: number;
  /** Shards that it serves in this epoch. */
  readonly owns: Iterable<string>;
}

export interface ShardOptions<S> extends ReadingOptions {
  readonly view: (state: S) => ShardView;
  /** All shards, each of which must have an owner at the end. Default: that is not judged. */
  readonly shards?: readonly string[];
}

const ONE_OWNER = 'one owner a shard and epoch';
const SHARD_EPOCHS = 'assignments never go back';
const OWNED = 'every shard has an owner in the end';

/** Each a check of its own; they share one reading of the states. */
export function shardInvariants<S>(options: ShardOptions<S>): readonly Check[] {
  const { shards } = options;
  const owners = ({ assignments }: ShardReading<S>): string => `${assignments} assignments`;
  return sharedChecks<ShardReading<S>>({
    ...options,
    begin: (view, breaches) => new ShardReading(options, view, breaches),
    properties: [
      { name: ONE_OWNER, promise: 'in each epoch at most one node ever serves a shard', held: owners },
      { name: SHARD_EPOCHS, promise: 'no node goes back to an earlier epoch while it runs', held: owners },
      ...(shards === undefined
        ? []
        : [
            {
              name: OWNED,
              kind: 'eventually' as const,
              promise: 'at the end a node that is up serves each shard, in the latest epoch',
              held: owners,
              open: ({ unhealed }: ShardReading<S>) => (unhealed ? 'a fault never heals: nothing is owed' : undefined),
            },
          ]),
    ],
  });
}

class ShardReading<S> implements Reading {
  private readonly options: ShardOptions<S>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly owners = new Map<string, { readonly id: string; readonly at: Micros }>();
  private readonly epochs = new Map<string, { readonly life: number; readonly epoch: number }>();

  constructor(options: ShardOptions<S>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
  }

  get assignments(): number {
    return this.owners.size;
  }

  get unhealed(): boolean {
    return this.view.healedAt === undefined;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    const { id, life } = node;
    const { epoch, owns } = this.options.view(node.state as S);
    const before = this.epochs.get(id);
    if (before !== undefined && before.life === life && epoch < before.epoch) {
      this.breaches.report(SHARD_EPOCHS, {
        sentence: `${id} goes back from epoch ${before.epoch} to epoch ${epoch}`,
        nodes: [id],
        facts: { from: before.epoch, to: epoch },
      });
    }
    this.epochs.set(id, { life, epoch });
    for (const shard of owns) this.own(id, epoch, shard);
  }

  private own(id: string, epoch: number, shard: string): void {
    const name = `${epoch} ${shard}`;
    const owner = this.owners.get(name);
    if (owner === undefined) this.owners.set(name, { id, at: this.view.now });
    else if (owner.id !== id) {
      this.breaches.report(ONE_OWNER, {
        sentence: `${owner.id} served shard ${shard} in epoch ${epoch} from ${instantText(owner.at)}, and ${id} serves it in the same epoch`,
        nodes: [owner.id, id],
        facts: { shard, epoch, since: owner.at },
      });
    }
  }

  finish(): void {
    const { shards } = this.options;
    if (shards === undefined || this.unhealed) return;
    const running = this.view.nodes.filter((node) => this.epochs.has(node.id) && isRunning(node));
    const views = running.map((node) => this.options.view(node.state as S));
    const latest = Math.max(...views.map(({ epoch }) => epoch));
    const owned = new Set(views.filter(({ epoch }) => epoch === latest).flatMap(({ owns }) => [...owns]));
    const orphan = shards.find((shard) => !owned.has(shard));
    if (orphan === undefined) return;
    this.breaches.report(OWNED, {
      sentence: `at the end nobody that is up serves shard ${orphan} in the latest epoch, ${latest}`,
      nodes: running.map(({ id }) => id),
      facts: { shard: orphan, epoch: latest },
    });
  }
}

/** A node's picture of a ring. */
export interface RingView {
  readonly members: readonly string[];
  /** The member that a key belongs to. */
  ownerOf(key: string): string;
}

export interface RingOptions<S> extends ReadingOptions {
  readonly view: (state: S) => RingView;
  /** Keys to look at; a few hundred tell. */
  readonly keys: readonly string[];
}

const ALIKE = 'nodes with the same members place keys alike';
const MOVES = 'only keys of who comes or goes move';

/** Each a check of its own; they share one reading of the states. */
export function ringInvariants<S>(options: RingOptions<S>): readonly Check[] {
  const rings = ({ rings: count }: RingReading<S>): string => `${count} sets of members, ${options.keys.length} keys`;
  return sharedChecks<RingReading<S>>({
    ...options,
    begin: (_view, breaches) => new RingReading(options, breaches),
    properties: [
      { name: ALIKE, promise: 'equal members, equal owners', held: rings },
      { name: MOVES, promise: 'when one member comes or goes, all other keys stay where they are', held: rings },
    ],
  });
}

interface Placed {
  readonly id: string;
  readonly members: readonly string[];
  readonly owners: readonly string[];
}

class RingReading<S> implements Reading {
  private readonly options: RingOptions<S>;
  private readonly breaches: Breaches;
  /** By members, and the latest of each node. */
  private readonly placed = new Map<string, Placed>();
  private readonly latest = new Map<string, { readonly name: string; readonly placed: Placed }>();

  constructor(options: RingOptions<S>, breaches: Breaches) {
    this.options = options;
    this.breaches = breaches;
  }

  get rings(): number {
    return this.placed.size;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    const { id } = node;
    const ring = this.options.view(node.state as S);
    const members = ring.members.toSorted();
    const name = members.join(' ');
    const before = this.latest.get(id);
    if (before?.name === name) return;
    const now: Placed = { id, members, owners: this.options.keys.map((key) => ring.ownerOf(key)) };
    this.judgeAlike(name, now);
    if (before !== undefined) this.judgeMoves(before.placed, now);
    this.latest.set(id, { name, placed: now });
  }

  private judgeAlike(name: string, now: Placed): void {
    const known = this.placed.get(name);
    if (known === undefined) {
      this.placed.set(name, now);
      return;
    }
    const at = now.owners.findIndex((owner, i) => owner !== known.owners[i]);
    if (at < 0) return;
    const key = this.options.keys[at];
    this.breaches.report(ALIKE, {
      sentence: `${known.id} and ${now.id} know the same ${now.members.length} members, but place key ${key} on ${known.owners[at]} and on ${now.owners[at]}`,
      nodes: [known.id, now.id],
      facts: { key, owners: [known.owners[at], now.owners[at]], members: now.members },
    });
  }

  private judgeMoves(before: Placed, now: Placed): void {
    const came = now.members.filter((member) => !before.members.includes(member));
    const went = before.members.filter((member) => !now.members.includes(member));
    if (came.length + went.length !== 1) return;
    const [one] = [...came, ...went];
    const at = now.owners.findIndex((owner, i) => {
      const old = before.owners[i];
      return owner !== old && owner !== one && old !== one;
    });
    if (at < 0) return;
    const key = this.options.keys[at];
    this.breaches.report(MOVES, {
      sentence: `when ${one} ${came.length === 1 ? 'comes' : 'goes'}, ${now.id} moves key ${key} from ${before.owners[at]} to ${now.owners[at]}`,
      nodes: [now.id],
      facts: { key, from: before.owners[at], to: now.owners[at], member: one },
    });
  }
}
