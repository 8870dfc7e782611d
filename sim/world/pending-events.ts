/** What is pending in a directed run, and what of it may happen next. The rules are those of director.ts. */
import { NEVER, type Micros } from '../base/time.ts';
import type { EventHandle } from '../kernel/event-queue.ts';
import { CallOp, type Response } from './call.ts';
import type { OrderRules } from './director.ts';
import { EventKind } from './event-kind.ts';
import type { Node } from './node.ts';
import type { World } from './world.ts';

export interface PendingEvent {
  readonly handle: EventHandle;
  readonly sequence: number;
  /** As it was drawn or armed. */
  readonly due: Micros;
  readonly kind: number;
  /** Index of the node, −1 for the world. */
  readonly node: number;
  readonly a: number;
  /** The sender, of a message. */
  readonly from: number;
  /** Index on its link, of a message. */
  readonly index: number;
  readonly payload: unknown;
  /** A message in flight. */
  readonly travels: boolean;
  /** Events of one line keep their order: a stream's that of sending, the timers of a node that of their due times. '' for none. */
  readonly line: string;
  /** When it began to be pending. */
  readonly since: Micros;
  /** See `Alternative.event`. */
  readonly name: string;
  readonly chain: number;
}

/** Something that may happen next, and when it would. */
export interface Candidate {
  readonly event: PendingEvent;
  readonly at: Micros;
}

type Found = Omit<PendingEvent, 'travels' | 'line' | 'since' | 'name' | 'chain'>;

export class PendingEvents {
  private readonly world: World;
  private readonly rules: OrderRules;
  /** In order of their scheduling. */
  private events: PendingEvent[] = [];
  private lastSequence = 0;
  private readonly serials = new Map<string, number>();
  private readonly timerChains = new Map<string, number>();
  /** Messages in flight that something else has been preferred to. */
  private readonly delayed = new Set<PendingEvent>();
  /** Causal chains so far. */
  chains = 0;

  constructor(world: World, rules: OrderRules) {
    this.world = world;
    this.rules = rules;
  }

  /** Takes in what has become pending, and lets go what is not any more. `handled` is what has just happened. */
  update(handled: PendingEvent | undefined): void {
    const { queue } = this.world;
    const found: Found[] = [];
    queue.forEachPending((handle, due, kind, node, a, from, index, payload) => {
      const sequence = queue.sequenceOf(handle);
      if (sequence > this.lastSequence) found.push({ handle, sequence, due, kind, node, a, from, index, payload });
    });
    found.sort((x, y) => x.sequence - y.sequence);
    this.lastSequence = found.at(-1)?.sequence ?? this.lastSequence;
    this.events = this.events.filter(({ handle }) => queue.isPending(handle));
    let open = handled !== undefined && (handled.travels || this.isFree(handled)) ? handled.chain : undefined;
    for (const event of found) {
      const taken = this.entry(event, open, handled?.node ?? -1);
      if (taken.chain === open) open = undefined;
      this.events.push(taken);
    }
  }

  get all(): readonly PendingEvent[] {
    return this.events;
  }

  /** `by`: the node whose step has scheduled it, −1 for the world. */
  private entry(event: Found, open: number | undefined, by: number): PendingEvent {
    const { world } = this;
    const { handle, sequence, due, kind, node, a, from, index, payload } = event;
    // What is due at the instant at which it is scheduled, or has waited on its node, has come all the way.
    const travels = kind <= EventKind.response && from !== node && index >= 0 && due > world.now;
    const timers = this.timersOf(node, by);
    const place = travels ? `${world.nodes[from]?.id}→${world.nodes[node]?.id}` : timers;
    const isStream =
      travels && world.network.link(world.nodes[from] as Node, world.nodes[node] as Node).law.transport === 'stream';
    const line = isStream ? place : travels || this.isFree(event) ? '' : timers;
    const serial = (this.serials.get(place) ?? 0) + 1;
    this.serials.set(place, serial);
    const chain = travels || this.isFree(event) ? (open ?? this.chains++) : this.timerChain(line);
    const name = `${place}${travels ? '#' : '@'}${serial}`;
    return { handle, sequence, due, kind, node, a, from, index, payload, travels, line, since: world.now, name, chain };
  }

  /** Named by whose doing they are, so that a name means the same in every order. */
  private timersOf(node: number, by: number): string {
    const { nodes } = this.world;
    return nodes[node]?.id ?? (by < 0 ? 'world' : `world(${nodes[by]?.id})`);
  }

  private timerChain(line: string): number {
    let chain = this.timerChains.get(line);
    if (chain === undefined) this.timerChains.set(line, (chain = this.chains++));
    return chain;
  }

  /** A timer that need not wait for its node's others. */
  private isFree({ kind }: { readonly kind: number }): boolean {
    return this.rules.timers === 'any' && (kind === EventKind.timer || kind === EventKind.wake);
  }

  /** These were passed by: from now on they come after the other messages, but before the clock moves on. */
  delay(passed: readonly Candidate[]): void {
    for (const { event } of passed) if (event.travels) this.delayed.add(event);
  }

  /** In the order in which the latencies drawn would have it, but for what has been delayed. */
  private inOrder(): PendingEvent[] {
    const { now } = this.world;
    let next = Infinity;
    for (const { travels, due } of this.events) if (!travels && due < next) next = due;
    const rank = (event: PendingEvent): number => (event.travels ? (this.delayed.has(event) ? 1 : 0) : 2);
    const instant = (event: PendingEvent): Micros =>
      Math.max(now, event.due, this.soonest(event), this.delayed.has(event) ? next : 0);
    return this.events.toSorted((x, y) => {
      const [atX, atY] = [instant(x), instant(y)];
      return atX < atY ? -1 : atX > atY ? 1 : rank(x) - rank(y) || x.sequence - y.sequence;
    });
  }

  private soonest({ travels, since, due }: PendingEvent): Micros {
    return travels ? since + this.rules.latency.atLeast : due;
  }

  /** What may happen next, no later than `until`; what is to be expected first comes first. */
  candidates(until: Micros): Candidate[] {
    const { now } = this.world;
    const { atMost = NEVER } = this.rules.latency;
    const candidates: Candidate[] = [];
    // Nothing may happen after the instant at which something else has to have happened.
    let latest = until;
    const heads = this.heads();
    for (const event of this.inOrder()) {
      if (event.travels) latest = Math.min(latest, Math.max(now, event.since + atMost));
      else if (this.rules.timers === 'clock') latest = Math.min(latest, event.due);
      if (event.line !== '' && heads.get(event.line) !== event) continue;
      candidates.push({ event, at: Math.max(now, this.soonest(event)) });
    }
    return candidates.filter(({ at }) => at <= latest);
  }

  /** The first event of each line. */
  private heads(): Map<string, PendingEvent> {
    const heads = new Map<string, PendingEvent>();
    for (const event of this.events) {
      if (event.line === '') continue;
      const head = heads.get(event.line);
      if (head === undefined || (!event.travels && event.due < head.due)) heads.set(event.line, event);
    }
    return heads;
  }
}

/** What an event is, for people. */
export function eventText(world: World, { kind, node, a, from, payload }: PendingEvent): string {
  const receiver = world.nodes[node];
  if (receiver === undefined) return 'the world: a fault, a restart, a retransmission';
  if (kind === EventKind.timer) return `timer ${receiver.actor.timerNames[a]} of ${receiver.id}`;
  if (kind === EventKind.wake) {
    return payload instanceof CallOp
      ? `deadline of ${receiver.id} for ${payload.message} to ${payload.to.id}`
      : `wake of ${receiver.id}`;
  }
  const path = `${world.nodes[from]?.id}→${receiver.id}`;
  if (kind !== EventKind.response) return `${world.messages.names[a]} ${path}`;
  const { call, succeeded } = payload as Response;
  return `${call.message} ${succeeded ? 'reply' : 'error'} ${path}`;
}
