/** The loop of a directed run: asks the director, and makes it so. */
import { SimulationError } from '../base/errors.ts';
import { instantText, type Micros } from '../base/time.ts';
import { runUntil, type EngineStatistics } from '../kernel/engine.ts';
import type { Limits } from '../kernel/limits.ts';
import type { Alternative, ChosenOrder, Director, OrderRules, Position } from './director.ts';
import { EventKind } from './event-kind.ts';
import type { Node } from './node.ts';
import type { Op } from './op.ts';
import { OrderState } from './order-state.ts';
import { eventText, PendingEvents, type Candidate } from './pending-events.ts';
import type { World } from './world.ts';

export interface DirectedRun {
  readonly engine: EngineStatistics;
  readonly order: ChosenOrder;
}

/**
 * Runs every event up to and including `until` in the order that the director wants; then moves the clock there. The counterpart
 * of `runUntil`, with the same limits.
 */
export function runDirected(
  world: World,
  director: Director,
  until: Micros,
  limits: Limits,
  dispatch: () => void,
): DirectedRun {
  const course = new Course(world, director, dispatch);
  const { engine, isCut } = course.run(until, limits);
  if (!isCut) {
    world.queue.now = Math.max(world.queue.now, until);
    return { engine: { ...engine, reached: world.now }, order: course.order };
  }
  course.catchUp();
  const rest = runUntil(world.queue, until, { ...limits, maxEvents: limits.maxEvents - engine.events }, dispatch);
  const mostAtOneInstant = Math.max(engine.mostAtOneInstant, rest.mostAtOneInstant);
  return {
    engine: { events: engine.events + rest.events, reached: rest.reached, mostAtOneInstant },
    order: course.order,
  };
}

interface Offer extends Candidate {
  readonly act: Alternative['act'];
}

class Course implements Position {
  private readonly world: World;
  private readonly director: Director;
  private readonly rules: OrderRules;
  private readonly dispatch: () => void;
  private readonly pending: PendingEvents;
  private readonly present: OrderState;
  private readonly taken: number[] = [];
  private drops = 0;
  private duplicates = 0;

  constructor(world: World, director: Director, dispatch: () => void) {
    this.world = world;
    this.director = director;
    this.rules = director.rules;
    this.dispatch = dispatch;
    this.pending = new PendingEvents(world, director.rules);
    this.present = new OrderState(world.nodes.length, world.history);
  }

  get choices(): number {
    return this.taken.length;
  }

  get chains(): number {
    return this.pending.chains;
  }

  state(): string {
    return this.present.fingerprint(this.world.now);
  }

  get order(): ChosenOrder {
    const length = this.taken.findLastIndex((index) => index > 0) + 1;
    return { ...this.rules, taken: this.taken.slice(0, length) };
  }

  /** Runs until nothing is left, or the director's choices are used up: `isCut`. */
  run(until: Micros, limits: Limits): { readonly engine: EngineStatistics; readonly isCut: boolean } {
    const { world } = this;
    let [events, instant, atInstant, mostAtOneInstant] = [0, -1, 0, 0];
    if (until > limits.maxTime)
      refuse('max-time', `the run would last ${instantText(until)}, more than ${instantText(limits.maxTime)}`);
    this.pending.update(undefined);
    while (this.choices < this.rules.choices) {
      const candidates = this.pending.candidates(until);
      if (candidates.length === 0) return { engine: { events, reached: world.now, mostAtOneInstant }, isCut: false };
      this.perform(this.decide(candidates));
      atInstant = world.now === instant ? atInstant + 1 : 1;
      instant = world.now;
      mostAtOneInstant = Math.max(mostAtOneInstant, atInstant);
      if (++events > limits.maxEvents)
        refuse('max-events', `more than ${limits.maxEvents} events, at ${instantText(instant)}`);
      if (atInstant > limits.maxEventsAtOneInstant)
        refuse('livelock', `time does not move on from ${instantText(instant)}`);
    }
    return { engine: { events, reached: world.now, mostAtOneInstant }, isCut: true };
  }

  private decide(candidates: readonly Candidate[]): Offer {
    const offers = candidates.map((candidate): Offer => ({ ...candidate, act: 'happen' }));
    const loose = candidates.filter(({ event }) => event.travels && event.line === '');
    if (this.drops < this.rules.drops) offers.push(...loose.map((candidate): Offer => ({ ...candidate, act: 'drop' })));
    if (this.duplicates < this.rules.duplicates)
      offers.push(...loose.map((candidate): Offer => ({ ...candidate, act: 'duplicate' })));
    if (offers.length === 1) return offers[0] as Offer;
    const alternatives = offers.map(({ act, event }): Alternative => {
      return { act, event: event.name, chain: event.chain, text: () => eventText(this.world, event) };
    });
    const index = this.director.choose(alternatives, this);
    const offer = offers[index];
    if (offer === undefined) refuse('order', `the director chose alternative ${index} of ${offers.length}`);
    this.taken.push(index);
    if (offer.act === 'happen') this.pending.delay(candidates.slice(0, index));
    return offer;
  }

  private perform({ event, at, act }: Offer): void {
    const { world, present } = this;
    const { queue, network } = world;
    queue.take(event.handle, at);
    if (act === 'drop') {
      const { kind, a, payload, c, cause } = queue;
      network.dropped++;
      const [from, to] = [world.nodes[event.from] as Node, world.nodes[event.node] as Node];
      world.trace?.dropped(from, to, { kind, message: a, payload, sizeBytes: 0, index: c, cause }, 'loss');
      this.drops++;
      present.dropped(event.name);
    } else {
      if (act === 'duplicate') {
        network.noteCopy(queue);
        this.duplicates++;
        this.putBack(Math.max(event.due, at + 1));
      }
      this.dispatch();
      present.handled(event.node, act === 'duplicate' ? `${event.name} twice` : event.name, at);
    }
    this.pending.update(event);
  }

  /** Schedules again what has just been taken. */
  private putBack(at: Micros): number {
    const { queue } = this.world;
    const before = queue.currentCause;
    queue.currentCause = queue.cause;
    const handle = queue.push(at, queue.kind, queue.node, queue.a, queue.b, queue.c, queue.payload);
    queue.currentCause = before;
    return handle;
  }

  /** What the director has made late is due now. */
  catchUp(): void {
    const { world } = this;
    for (const event of this.pending.all.filter(({ due }) => due < world.now)) {
      world.queue.take(event.handle, world.now);
      const handle = this.putBack(world.now);
      if (event.kind === EventKind.timer)
        world.timers.set((world.nodes[event.node] as Node).firstTimer + event.a, handle);
      else if (event.kind === EventKind.wake) (event.payload as Op<unknown>).alarmMoved(handle);
    }
  }
}

function refuse(rule: string, message: string): never {
  throw new SimulationError(rule, message);
}
