/**
 * What the replicas of a quorum register promise (Gifford, 1979; Attiya, Bar-Noy and Dolev, 1995): a replica's timestamp of a key
 * never goes back, also across restarts, and a write that was acknowledged is on at least W of them at that moment. That quorums
 * meet is a check of its own (quorum-intersection.ts), and so is what readers see (linearizable.ts).
 *
 * An event costs a look at the keys that the view names as changed, by default at all that it has, and at the clients'
 * open operations.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import {
  isRunning,
  readNodes,
  sharedChecks,
  type Breaches,
  type Reading,
  type ReadingOptions,
} from './shared-reading.ts';

export interface QuorumReplicasOptions<S, T> extends ReadingOptions {
  /** What a replica holds that would outlive a crash: the timestamp of each key, or of each that may have changed. */
  readonly stamps: (state: S) => Iterable<readonly [key: string, stamp: T]>;
  /** Negative when `a` is older. Default: as numbers. */
  readonly compare?: (a: T, b: T) => number;
  /** Replicas that a write must be on before it is acknowledged. Needs `written` and `clients`. */
  readonly w?: number;
  /** The timestamp that a write which ended ok was stored with; undefined for operations that store nothing. */
  readonly written?: (operation: Operation, view: RunView) => { readonly key: string; readonly stamp: T } | undefined;
  /** Roles of the nodes that operations belong to. */
  readonly clients?: readonly string[];
}

const STAMPS = 'timestamps never go back';
const ENOUGH = 'acknowledged writes are on W replicas';

/** Each a check of its own; they share one reading of the states. Throws ConfigError for `w` without `written` and `clients`. */
export function quorumReplicaInvariants<S, T>(options: QuorumReplicasOptions<S, T>): readonly Check[] {
  const { roles, clients, w, written } = options;
  if (w !== undefined && (written === undefined || clients === undefined || roles === undefined))
    throw new ConfigError('quorumReplicaInvariants: w', w, 'roles, clients and written with it');
  const all = roles === undefined ? options : { ...options, roles: [...roles, ...(clients ?? [])] };
  return sharedChecks<QuorumReading<S, T>>({
    ...all,
    begin: (view, breaches) => new QuorumReading(options, view, breaches),
    properties: [
      {
        name: STAMPS,
        promise: 'no replica goes back to an older timestamp of a key, restarts included',
        held: (r) => r.seen,
      },
      ...(w === undefined
        ? []
        : [
            {
              name: ENOUGH,
              promise: `a write that is acknowledged is on ${w} replicas`,
              held: (r: QuorumReading<S, T>) => r.judged,
            },
          ]),
    ],
  });
}

class QuorumReading<S, T> implements Reading {
  private readonly options: QuorumReplicasOptions<S, T>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly replicas: ReadonlySet<string>;
  private readonly compare: (a: T, b: T) => number;
  /** By replica and key. */
  private readonly held = new Map<string, Map<string, T>>();
  private open: Operation[] = [];
  private next = 0;
  private updates = 0;
  private acknowledged = 0;

  constructor(options: QuorumReplicasOptions<S, T>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
    this.replicas = new Set(readNodes(options, view));
    this.compare = options.compare ?? ((a, b) => (a as number) - (b as number));
  }

  get seen(): string {
    return `${this.updates} updates`;
  }

  get judged(): string {
    return `${this.acknowledged} acknowledged writes`;
  }

  handled(node: NodeView): void {
    if (this.replicas.has(node.id) && isRunning(node)) this.read(node);
    if (this.options.w !== undefined) this.lookAtOperations(this.options.w);
  }

  private read(node: NodeView): void {
    let held = this.held.get(node.id);
    if (held === undefined) this.held.set(node.id, (held = new Map<string, T>()));
    for (const [key, stamp] of this.options.stamps(node.state as S)) {
      const before = held.get(key);
      const order = before === undefined ? 1 : this.compare(stamp, before);
      if (order === 0) continue;
      this.updates++;
      held.set(key, stamp);
      if (order > 0) continue;
      this.breaches.report(STAMPS, {
        sentence: `${node.id} goes back from timestamp ${textOf(before)} of ${key} to ${textOf(stamp)}`,
        nodes: [node.id],
        facts: { key, from: before, to: stamp, life: node.life },
      });
    }
  }

  /** Operations are looked at when they have ended, whoever's event that was. */
  private lookAtOperations(w: number): void {
    const { operations } = this.view;
    while (this.next < operations.length) this.open.push(operations[this.next++] as Operation);
    if (!this.open.some(({ outcome }) => outcome !== 'pending')) return;
    const ended = this.open.filter(({ outcome }) => outcome === 'ok');
    this.open = this.open.filter(({ outcome }) => outcome === 'pending');
    for (const operation of ended) this.judge(operation, w);
  }

  private judge(operation: Operation, w: number): void {
    const stored = this.options.written?.(operation, this.view);
    if (stored === undefined) return;
    this.acknowledged++;
    const { key, stamp } = stored;
    const holders = [...this.replicas].filter((id) => {
      const held = this.held.get(id)?.get(key);
      return held !== undefined && this.compare(held, stamp) >= 0;
    });
    if (holders.length >= w) return;
    this.breaches.report(ENOUGH, {
      sentence: `${operation.client} was told that its ${operation.f} #${operation.id} of ${key} is done, but only {${holders.join(', ')}} have it, and ${w} are needed`,
      nodes: holders,
      operations: [operation.id],
      facts: { key, stamp, holders, w },
    });
  }
}

const textOf = (stamp: unknown): string => JSON.stringify(stamp);
