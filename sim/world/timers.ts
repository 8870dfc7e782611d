/** Timers and alarms on a node's own clock. A change of its rate moves those that are armed; a frozen clock stops them. */
import type { Micros } from '../base/time.ts';
import { NEVER } from '../base/time.ts';
import { NO_EVENT, type EventHandle } from '../kernel/event-queue.ts';
import { credit } from './effect.ts';
import { EventKind } from './event-kind.ts';
import type { Node } from './node.ts';
import { SKEWED } from './node-columns.ts';
import type { Op } from './op.ts';
import type { World } from './world.ts';

/** While the clock is frozen an alarm stands this far away; it is moved back when the clock goes on. */
const FROZEN_AT: Micros = NEVER - 1;

/** The handles of all nodes' armed timers side by side: rearming one of 10,000 should not fetch a list of its node's own. */
export class ArmedTimers {
  private handles = new Float64Array(256);
  private used = 0;

  /** Makes room for `count` timers and returns the place of the first. */
  reserve(count: number): number {
    const first = this.used;
    this.used += count;
    if (this.used > this.handles.length) {
      const old = this.handles;
      this.handles = new Float64Array(Math.max(this.used, old.length * 2));
      this.handles.set(old);
    }
    return first;
  }

  /** NO_EVENT when it is not armed. */
  at(place: number): EventHandle {
    return this.handles[place] as number;
  }

  set(place: number, handle: EventHandle): void {
    this.handles[place] = handle;
  }
}

const dueAfter = (world: World, node: Node, local: Micros): Micros => {
  const rate = node.timerRate;
  if (rate === 1) return world.now + local;
  if (rate === 0) {
    credit(node.clock.monotonicEffects);
    return FROZEN_AT;
  }
  return Math.min(FROZEN_AT, world.now + node.clock.trueDelay(local));
};

/** Codes of a wake event: 0 belongs to true time (CPU, disk), 1 to the node's clock. */
const LOCAL_ALARM = 1;

export function alarm(world: World, node: Node, local: Micros, op: Op<unknown>): EventHandle {
  const due = dueAfter(world, node, local);
  const handle = world.queue.push(due, EventKind.wake, node.index, LOCAL_ALARM, 0, 0, op);
  if (due === FROZEN_AT) node.frozen.set(handle, local);
  return handle;
}

/** Arms timer `number` of node `index`, whose place among all nodes' timers is `place`. */
export function armTimer(
  world: World,
  index: number,
  place: number,
  number: number,
  delay: Micros,
  payload: unknown,
): void {
  const { queue, timers } = world;
  const before = timers.at(place);
  const isSkewed = ((world.columns.marks[index] as number) & SKEWED) !== 0;
  const due = isSkewed ? dueAfter(world, world.nodes[index] as Node, delay) : queue.now + delay;
  const handle =
    before !== NO_EVENT && queue.isPending(before)
      ? queue.rearm(before, due, payload)
      : queue.push(due, EventKind.timer, index, number, place, 0, payload);
  if (due === FROZEN_AT) (world.nodes[index] as Node).frozen.set(handle, delay);
  timers.set(place, handle);
}

export function cancelTimer(world: World, node: Node, number: number): void {
  const place = node.firstTimer + number;
  const handle = world.timers.at(place);
  if (handle !== NO_EVENT) world.queue.cancel(handle);
  world.timers.set(place, NO_EVENT);
}

/** Moves everything armed on the node's clock: what is left of it now runs at the new rate. */
export function retimeNode(world: World, node: Node, oldRate: number, newRate: number): void {
  const { queue, now } = world;
  const armed: {
    handle: EventHandle;
    at: Micros;
    kind: number;
    a: number;
    b: number;
    c: number;
    payload: unknown;
    cause: number;
  }[] = [];
  queue.forEachPending((handle, at, kind, index, a, b, c, payload) => {
    if (index !== node.index) return;
    if (kind === EventKind.timer || (kind === EventKind.wake && a === LOCAL_ALARM)) {
      armed.push({ handle, at, kind, a, b, c, payload, cause: 0 });
    }
  });
  // In order of their due times, so that events that stay simultaneous keep their order.
  armed.sort((x, y) => x.at - y.at || x.handle - y.handle);
  for (const event of armed) {
    const left =
      oldRate === 0 ? (node.frozen.get(event.handle) ?? 0) : Math.max(0, Math.round((event.at - now) * oldRate));
    node.frozen.delete(event.handle);
    queue.cancel(event.handle);
    const due = newRate === 0 ? FROZEN_AT : Math.min(FROZEN_AT, now + Math.ceil(left / newRate));
    const handle = queue.push(due, event.kind, node.index, event.a, event.b, event.c, event.payload);
    if (due === FROZEN_AT) node.frozen.set(handle, left);
    if (event.kind === EventKind.timer) world.timers.set(node.firstTimer + event.a, handle);
    else (event.payload as Op<unknown>).alarmMoved(handle);
  }
  for (const effect of node.clock.monotonicEffects) effect.count += armed.length;
}

/** The node crashed: its timers are gone. Alarms of its operations are void because the life has changed. */
export function disarmAll(world: World, node: Node): void {
  for (let number = 0; number < node.actor.timerNames.length; number++) cancelTimer(world, node, number);
  node.frozen.clear();
}
