/**
 * The network: directed links, and the conditions that faults put on them.
 *
 * The usual send is over a link without faults, whose law follows from where its ends are. It needs no object for the link: the
 * count of messages is in a table (link-table.ts), the keys of its draws are mixed from those of its ends (pair-keys.ts). Links
 * are made objects when there is more to say of them.
 *
 * A *datagram* may be lost, doubled or overtaken. A *stream* (TCP-like) delivers in order without gap or duplicate: a lost
 * segment is retransmitted after 200 ms, 400 ms, ... and everything behind it waits (head-of-line blocking); after
 * 15 s without success the connection is reset, what waited is lost and the calls that waited for it fail with `reset`.
 * Simplified: no handshake, no window, acknowledgements are free.
 */
import { ms, NEVER, s, type Micros } from '../base/time.ts';
import { KeyedDraws } from '../random/keyed-draws.ts';
import { PairKeys } from '../random/pair-keys.ts';
import { mix } from '../random/mix.ts';
import { credit } from './effect.ts';
import { EventKind } from './event-kind.ts';
import { Link, type Condition, type LinkLaw } from './link.ts';
import { LinkTable } from './link-table.ts';
import type { CallOp } from './call.ts';
import type { Node } from './node.ts';
import type { World } from './world.ts';

/** A message on its way. */
export interface Envelope {
  readonly kind: number;
  readonly message: number;
  readonly payload: unknown;
  readonly sizeBytes: number;
  /** Index on its link. */
  readonly index: number;
  /** Trace row of the sending. */
  readonly cause: number;
  /** Held by a clog when it had come all the way. */
  readonly arrived?: boolean;
}

const FIRST_RETRANSMISSION = ms(200);
const LONGEST_RETRANSMISSION = s(3);
const RESET_AFTER = s(15);
/** Messages to oneself take this long: they pass through the kernel, and nothing may loop within one instant. */
const LOOPBACK: Micros = 1;
/** Draws of retransmission k of message i are keyed by i + k · 2^32. */
const ATTEMPT_STRIDE = 0x1_0000_0000;

export class Network {
  private readonly world: World;
  private readonly lawBetween: (from: Node, to: Node) => LinkLaw;
  private conditions: Condition[] = [];
  private version = 0;
  private readonly keys: PairKeys;
  private readonly table: LinkTable;
  /** Mixed into all keys by `redraw`. */
  private salt0 = 0;
  private salt1 = 0;
  /** The latency draws of whichever message is being sent. */
  private readonly draws: KeyedDraws;
  /** For each node the number of its region and zone. */
  private places = new Int32Array(64);
  /** By the places of the two ends; what is missing has not been asked for yet, or is a law of single links. */
  private laws: (LinkLaw | undefined)[][] = [];
  /** The law of all links, while it is plain and nothing bends them; undefined otherwise, or as long as nobody has looked. */
  private usual: LinkLaw | undefined = undefined;
  /** Conditions in force that can stop a message on arrival. */
  private cutting = 0;
  /** Streams with segments to retransmit. */
  private stalled = 0;
  /** Those that are objects. */
  readonly links: Link[] = [];
  sent = 0;
  delivered = 0;
  dropped = 0;
  duplicated = 0;

  constructor(world: World, lawBetween: (from: Node, to: Node) => LinkLaw) {
    this.world = world;
    this.lawBetween = lawBetween;
    this.keys = new PairKeys(world.seed, 'net');
    this.table = new LinkTable(this.keys);
    this.draws = new KeyedDraws(world.seed, 'net');
  }

  /** Takes a new node in. */
  add(node: Node): void {
    this.keys.set(node.index, node.id);
    if (node.index >= this.places.length) {
      const places = new Int32Array(Math.max(node.index + 1, this.places.length * 2));
      places.set(this.places);
      this.places = places;
    }
    this.places[node.index] = this.world.topology.placeOf(node.region, node.zone);
    this.reconsider();
  }

  /** The laws of links have been changed; links that are objects keep theirs. */
  lawsChanged(): void {
    this.laws = [];
    this.usual = undefined;
  }

  private reconsider(): void {
    const law = this.world.topology.placeCount === 1 ? this.laws[0]?.[0] : undefined;
    this.usual = this.conditions.length === 0 && law?.plain === true ? law : undefined;
  }

  /** Draws the fates of all later messages afresh; `seed` is for the draws that are yet to be named. */
  redraw(salt: number, seed: string): void {
    this.salt0 = mix(this.salt0 ^ mix(salt + 1));
    this.salt1 = mix(this.salt1 ^ mix(~salt));
    for (const link of this.links) link.redraw(salt, seed);
  }

  /** Links that have carried a message. */
  get linksUsed(): number {
    return this.table.size;
  }

  /** Messages sent or duplicated that are neither delivered nor dropped. */
  get inFlight(): number {
    return this.sent + this.duplicated - this.delivered - this.dropped;
  }

  link(from: Node, to: Node): Link {
    let link = from.links.get(to.index);
    if (link === undefined) {
      link = new Link(this.world.seed, from, to, this.lawBetween(from, to));
      from.links.set(to.index, link);
      this.links.push(link);
    }
    return link;
  }

  /** The law of a link that follows from the places of its ends; undefined when it may have one of its own. */
  private lawByPlace(from: number, to: number): LinkLaw | undefined {
    const here = this.places[from] as number;
    const there = this.places[to] as number;
    return this.laws[here]?.[there] ?? this.findLaw(from, to, here, there);
  }

  private findLaw(from: number, to: number, here: number, there: number): LinkLaw | undefined {
    const { nodes, topology } = this.world;
    if (topology.hasPairs) return undefined;
    const law = this.lawBetween(nodes[from] as Node, nodes[to] as Node);
    (this.laws[here] ??= [])[there] = law;
    this.reconsider();
    return law;
  }

  /** The latency draws of message `index` of a link whose first key is `key`. */
  private drawsOf(from: number, to: number, key: number, index: number): KeyedDraws {
    return this.draws.under(key ^ this.salt0, this.keys.second(from, to) ^ this.salt1, index);
  }

  /** Sends a message of event kind `kind` between the nodes of these numbers. */
  send(from: number, to: number, kind: number, message: number, payload: unknown, sizeBytes: number): void {
    this.sent++;
    const { world } = this;
    const { queue } = world;
    const row = this.table.row(from, to);
    const index = this.table.count(row);
    const before = queue.currentCause;
    if (world.trace !== undefined)
      queue.currentCause = world.trace.sent(world.nodes[from] as Node, world.nodes[to] as Node, kind, message, payload);
    if (from === to) {
      queue.push(queue.now + LOOPBACK, kind, to, message, from, index, payload);
    } else {
      const law = this.usual ?? (this.conditions.length === 0 ? this.lawByPlace(from, to) : undefined);
      if (law !== undefined && law.plain) {
        const latency = law.latency.sample(this.drawsOf(from, to, this.table.key(row), index));
        // A heavy tail can be later than any run.
        queue.push(Math.min(NEVER - 1, queue.now + latency), kind, to, message, from, index, payload);
      } else {
        const envelope = { kind, message, payload, sizeBytes, index, cause: queue.currentCause };
        this.sendOver(this.link(world.nodes[from] as Node, world.nodes[to] as Node), envelope);
      }
    }
    queue.currentCause = before;
  }

  private sendOver(link: Link, envelope: Envelope): void {
    if (link.version !== this.version) link.refresh(this.version, this.conditions);
    if (link.plain) this.transmit(link, envelope, envelope.index);
    else this.route(link, envelope);
  }

  private route(link: Link, envelope: Envelope): void {
    if (link.holds.length > 0 || link.held.length > 0) {
      this.hold(link, envelope);
    } else if (link.law.transport === 'stream') {
      if (link.backlog.length > 0) link.backlog.push(envelope);
      else if (!this.sendSegment(link, envelope)) this.stall(link, [envelope]);
    } else if (link.drops.length > 0) {
      credit(link.drops);
      this.drop(link, envelope, 'partition');
    } else if (this.isLost(link, envelope.index)) {
      this.drop(link, envelope, 'loss');
    } else {
      this.transmit(link, envelope, envelope.index);
      const copies = this.copies(link, envelope.index);
      for (let copy = 1; copy <= copies; copy++) {
        this.noteCopy(envelope);
        this.world.trace?.duplicated(link.from, link.to, envelope);
        this.transmit(link, envelope, -(envelope.index * 4 + copy));
      }
    }
  }

  /** A copy is made of a message: what becomes of one says nothing of the other. */
  noteCopy({ kind, payload }: Pick<Envelope, 'kind' | 'payload'>): void {
    this.duplicated++;
    if (kind === EventKind.request) (payload as CallOp).doubled = true;
  }

  private hold(link: Link, envelope: Envelope): void {
    credit(link.holds);
    link.hold(envelope);
    this.world.trace?.held(link.from, link.to, envelope);
  }

  private isLost(link: Link, index: number): boolean {
    if (link.law.loss > 0 && link.fate.at(index).next() < link.law.loss) return true;
    for (const { condition, draws } of link.bent) {
      const { disturbance } = condition;
      if (disturbance.kind === 'loss' && draws.at(index).next() < disturbance.probability) {
        condition.effect.count++;
        return true;
      }
    }
    return false;
  }

  private copies(link: Link, index: number): number {
    let copies = 0;
    if (link.law.duplicate > 0) {
      const fate = link.fate.at(index);
      fate.next();
      if (fate.next() < link.law.duplicate) copies++;
    }
    for (const { condition, draws } of link.bent) {
      const { disturbance } = condition;
      if (disturbance.kind === 'duplicate' && draws.at(index).next() < disturbance.probability) {
        condition.effect.count++;
        copies++;
      }
    }
    return copies;
  }

  /** The delay of message `index`: transmission under the bandwidth limits, latency, and what faults add. */
  private delay(link: Link, sizeBytes: number, index: number): Micros {
    const { law } = link;
    const now = this.world.now;
    let bytesPerSecond = law.bytesPerSecond;
    const [from, to] = [link.from.index, link.to.index];
    let latency = law.latency.sample(this.drawsOf(from, to, this.keys.first(from, to), index));
    if (law.reorder > 0) {
      const fate = link.fate.at(index);
      fate.next();
      fate.next();
      if (fate.next() < law.reorder) latency += Math.floor(fate.next() * law.reorderWindow);
    }
    for (const { condition, draws } of link.bent) {
      const { disturbance } = condition;
      if (disturbance.kind === 'delay') {
        const extra = disturbance.extra?.sample(draws.at(disturbance.perLink === true ? 0 : index)) ?? 0;
        const delayed = Math.round(latency * (disturbance.factor ?? 1)) + extra;
        if (delayed !== latency) condition.effect.count++;
        latency = delayed;
      } else if (disturbance.kind === 'reorder') {
        const fate = draws.at(index);
        if (fate.next() < disturbance.probability) {
          latency += 1 + Math.floor(fate.next() * disturbance.window);
          condition.effect.count++;
        }
      } else if (disturbance.kind === 'bandwidth' && disturbance.bytesPerSecond < bytesPerSecond) {
        bytesPerSecond = disturbance.bytesPerSecond;
        condition.effect.count++;
      }
    }
    if (bytesPerSecond !== Infinity) {
      link.busyUntil = Math.max(now, link.busyUntil) + Math.ceil((sizeBytes * 1_000_000) / bytesPerSecond);
      latency += link.busyUntil - now;
    }
    return latency;
  }

  private transmit(link: Link, envelope: Envelope, drawIndex: number): void {
    // A heavy tail, or a link that is far behind, can be later than any run.
    let at = Math.min(NEVER - 1, this.world.now + this.delay(link, envelope.sizeBytes, drawIndex));
    if (link.law.transport === 'stream') {
      at = Math.max(at, link.lastDelivery);
      link.lastDelivery = at;
    }
    const { queue } = this.world;
    const before = queue.currentCause;
    queue.currentCause = envelope.cause;
    queue.push(at, envelope.kind, link.to.index, envelope.message, link.from.index, envelope.index, envelope.payload);
    queue.currentCause = before;
  }

  /** Tries to send a segment of a stream. False: it is lost, and must be sent again. */
  private sendSegment(link: Link, envelope: Envelope): boolean {
    if (link.drops.length > 0) {
      credit(link.drops);
      return false;
    }
    // Each retransmission has draws of its own: index, then attempt.
    if (this.isLost(link, envelope.index + link.attempts * ATTEMPT_STRIDE)) return false;
    this.transmit(link, envelope, envelope.index);
    return true;
  }

  private stall(link: Link, segments: Envelope[]): void {
    if (link.backlog.length === 0) {
      this.stalled++;
      link.stalledSince = this.world.now;
      link.attempts = 0;
      this.scheduleRetransmission(link);
    }
    link.stall(segments);
  }

  private scheduleRetransmission(link: Link): void {
    const wait = Math.min(LONGEST_RETRANSMISSION, FIRST_RETRANSMISSION * (1 << Math.min(link.attempts, 10)));
    link.attempts++;
    // After a reset another stall may begin before this is due: then it is not the latest any more.
    const number = ++link.retransmissions;
    this.world.after(wait, { fire: () => number === link.retransmissions && this.retransmit(link) });
  }

  private retransmit(link: Link): void {
    if (link.backlog.length === 0) return;
    if (link.version !== this.version) link.refresh(this.version, this.conditions);
    if (this.world.now - link.stalledSince >= RESET_AFTER) {
      this.reset(link);
      // No handler runs now that would do it: what the callers left for after this.
      this.world.drain();
      return;
    }
    if (link.holds.length > 0) {
      credit(link.holds);
      this.scheduleRetransmission(link);
      return;
    }
    while (link.backlog.length > 0) {
      if (!this.sendSegment(link, link.backlog[0] as Envelope)) {
        this.scheduleRetransmission(link);
        return;
      }
      link.backlog.shift();
      link.attempts = 0;
      link.stalledSince = this.world.now;
    }
    this.stalled--;
  }

  /** The node crashed: what its streams still had to send is lost with it. */
  forget(node: Node): void {
    for (const link of node.links.values()) this.reset(link);
  }

  private reset(link: Link): void {
    const lost = link.backlog;
    if (lost.length === 0) return;
    link.backlog = [];
    link.attempts = 0;
    this.stalled--;
    for (const envelope of lost) {
      this.drop(link, envelope, 'reset');
      if (envelope.kind === EventKind.request)
        this.world.resetCall(envelope.payload, `connection to ${link.to.id} timed out`);
    }
  }

  private drop(link: Link, envelope: Envelope, why: string): void {
    this.dropped++;
    this.world.trace?.dropped(link.from, link.to, envelope, why);
  }

  /**
   * Asked on every arrival while something cuts or clogs: true when the message must not be delivered now. It has then been
   * dropped, put back into its stream, or held.
   */
  intercept(
    from: Node,
    to: Node,
    kind: number,
    message: number,
    index: number,
    payload: unknown,
    cause: number,
  ): boolean {
    if (from === to) return false;
    const link = this.link(from, to);
    if (link.version !== this.version) link.refresh(this.version, this.conditions);
    const overtaking = link.backlog.length > 0 && (link.backlog[0] as Envelope).index < index;
    if (link.drops.length === 0 && link.holds.length === 0 && !overtaking) return false;
    const envelope: Envelope = { kind, message, payload, sizeBytes: 0, index, cause };
    if (link.holds.length > 0) {
      this.hold(link, { ...envelope, arrived: true });
    } else if (link.law.transport === 'stream') {
      // Also what would overtake a segment that is waiting to be sent again.
      credit(link.drops);
      this.stall(link, [envelope]);
    } else {
      credit(link.drops);
      this.drop(link, envelope, 'partition');
    }
    return true;
  }

  get mayIntercept(): boolean {
    return this.cutting > 0 || this.stalled > 0;
  }

  /** Puts a condition in force. */
  impose(condition: Condition): void {
    this.conditions = [...this.conditions, condition];
    this.reconsider();
    this.version++;
    if (condition.disturbance.kind === 'drop' || condition.disturbance.kind === 'hold') this.cutting++;
  }

  /** Ends a condition; what a clog held is released in order. */
  lift(condition: Condition): void {
    if (!this.conditions.includes(condition)) return;
    this.conditions = this.conditions.filter((c) => c !== condition);
    this.reconsider();
    this.version++;
    if (condition.disturbance.kind === 'drop' || condition.disturbance.kind === 'hold') this.cutting--;
    if (condition.disturbance.kind === 'hold') for (const link of this.links) this.release(link);
  }

  /** What had come all the way has paid its latency and cannot be lost or doubled any more. */
  private arriveNow(link: Link, envelope: Envelope): void {
    const { queue } = this.world;
    const before = queue.currentCause;
    queue.currentCause = envelope.cause;
    queue.push(
      queue.now,
      envelope.kind,
      link.to.index,
      envelope.message,
      link.from.index,
      envelope.index,
      envelope.payload,
    );
    queue.currentCause = before;
  }

  private release(link: Link): void {
    if (link.held.length === 0) return;
    link.refresh(this.version, this.conditions);
    if (link.holds.length > 0) return;
    // In order of sending: what was in flight when the clog began arrived after what was sent into it.
    const released = link.held.sort((a, b) => a.index - b.index);
    link.held = [];
    for (const envelope of released) {
      if (envelope.arrived === true) this.arriveNow(link, envelope);
      else this.route(link, envelope);
    }
  }
}
