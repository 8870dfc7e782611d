/**
 * A directed link and what bends it. A link is made an object when it has anything to remember but its count of messages: a law
 * of its own, faults, what it holds or sends again. Most never need one (network.ts).
 *
 * Four disturbances are kept apart, and each says what becomes of messages already in flight:
 * - *drop* (partition): sends are lost, and so is what would arrive while it lasts; a stream retransmits.
 * - *hold* (clog): sends and arrivals wait and are released, in order, when it ends. Nothing is lost.
 * - *delay* (slow, jitter): sends take longer; what is in flight is not touched.
 * - *loss, duplicate, reorder, bandwidth*: sends only.
 */
import type { Micros } from '../base/time.ts';
import type { Sampler } from '../random/sampler.ts';
import { KeyedDraws } from '../random/keyed-draws.ts';
import type { Effect } from './effect.ts';
import type { Node } from './node.ts';
import type { Envelope } from './network.ts';

export type Disturbance =
  | { readonly kind: 'drop' }
  | { readonly kind: 'hold' }
  | {
      readonly kind: 'delay';
      readonly extra?: Sampler;
      readonly factor?: number;
      /** `extra` is drawn once per link, not once per message. */
      readonly perLink?: boolean;
    }
  | { readonly kind: 'loss'; readonly probability: number }
  | { readonly kind: 'duplicate'; readonly probability: number }
  | { readonly kind: 'reorder'; readonly probability: number; readonly window: Micros }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number };

/** A disturbance in force on the links that it applies to. */
export interface Condition {
  /** Names the stream of its own draws, so that nobody else's draws depend on it: the fault's id. */
  readonly name: string;
  readonly disturbance: Disturbance;
  readonly effect: Effect;
  applies(from: Node, to: Node): boolean;
}

/** A condition on one link, with its draws there. */
export interface Bent {
  readonly condition: Condition;
  readonly draws: KeyedDraws;
}

/** The law of a link without faults. */
export interface LinkLaw {
  readonly latency: Sampler;
  /** Probability that a datagram is lost. */
  readonly loss: number;
  /** Probability that a datagram is delivered twice. */
  readonly duplicate: number;
  /** Probability that a datagram is late by up to `reorderWindow`. */
  readonly reorder: number;
  readonly reorderWindow: Micros;
  /** Infinity: no limit. */
  readonly bytesPerSecond: number;
  readonly transport: 'datagram' | 'stream';
  /** True when a send needs nothing but a latency draw. */
  readonly plain: boolean;
}

/** Whether a send under this law needs nothing but a latency draw. */
export const isPlain = (law: Omit<LinkLaw, 'plain'>): boolean =>
  law.transport === 'datagram' &&
  law.loss === 0 &&
  law.duplicate === 0 &&
  law.reorder === 0 &&
  law.bytesPerSecond === Infinity;

const NOTHING: readonly never[] = Object.freeze([]);
/** Frozen too: what is added goes into a list of the link's own, see `hold` and `stall`. */
const EMPTY = NOTHING as unknown as Envelope[];

export class Link {
  // What every send touches comes first, and lists are made when there is something to put in: there may be very many links.
  readonly to: Node;
  /** The network's version at which `bent` was computed; −1 never. */
  version = -1;
  /** True when a send needs nothing but a latency draw. */
  plain = false;
  readonly law: LinkLaw;
  readonly from: Node;
  private seed: string;
  private fateDraws: KeyedDraws | undefined = undefined;
  drops: readonly Effect[] = NOTHING;
  holds: readonly Effect[] = NOTHING;
  bent: readonly Bent[] = NOTHING;
  /** When the last byte sent so far has left, under a bandwidth limit. */
  busyUntil: Micros = 0;
  /** Held by a clog, in order of sending. */
  held: Envelope[] = EMPTY;
  /** Stream transport: the latest delivery, what is stalled behind a lost segment, and the retransmission back-off. */
  lastDelivery: Micros = 0;
  backlog: Envelope[] = EMPTY;
  attempts = 0;
  /** Counts what was scheduled to retransmit: only the last counts. */
  retransmissions = 0;
  stalledSince: Micros = 0;

  constructor(seed: string, from: Node, to: Node, law: LinkLaw) {
    this.seed = seed;
    this.from = from;
    this.to = to;
    this.law = law;
  }

  /** Draws of loss, duplication and reordering that belong to the link itself. */
  get fate(): KeyedDraws {
    return (this.fateDraws ??= new KeyedDraws(this.seed, `net/${this.from.id}→${this.to.id}/fate`));
  }

  /** Adds to `held`. */
  hold(envelope: Envelope): void {
    if (this.held.length === 0) this.held = [envelope];
    else this.held.push(envelope);
  }

  /** Adds to `backlog`, in order of sending. */
  stall(segments: readonly Envelope[]): void {
    this.backlog = [...this.backlog, ...segments].sort((a, b) => a.index - b.index);
  }

  /** Works out which conditions apply here. Called when the network's version has moved on. */
  refresh(version: number, conditions: readonly Condition[]): void {
    this.version = version;
    if (conditions.length === 0) this.drops = this.holds = this.bent = NOTHING;
    else this.apply(conditions.filter((condition) => condition.applies(this.from, this.to)));
    this.plain = this.law.plain && this.drops.length === 0 && this.holds.length === 0 && this.bent.length === 0;
  }

  /** Draws the fates of all later messages afresh; `seed` is for the draws that are yet to be made. */
  redraw(salt: number, seed: string): void {
    this.seed = seed;
    this.fateDraws?.redraw(salt);
    for (const { draws } of this.bent) draws.redraw(salt);
  }

  private apply(conditions: readonly Condition[]): void {
    const effectsOf = (kind: Disturbance['kind']): readonly Effect[] =>
      conditions.filter(({ disturbance }) => disturbance.kind === kind).map(({ effect }) => effect);
    this.drops = effectsOf('drop');
    this.holds = effectsOf('hold');
    const before = this.bent;
    this.bent = conditions
      .filter(({ disturbance }) => disturbance.kind !== 'drop' && disturbance.kind !== 'hold')
      .map((condition) => before.find((b) => b.condition === condition) ?? this.bend(condition));
  }

  private bend(condition: Condition): Bent {
    return { condition, draws: new KeyedDraws(this.seed, `fault/${condition.name}/${this.from.id}→${this.to.id}`) };
  }
}
