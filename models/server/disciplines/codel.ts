/**
 * CoDel, controlled delay (K. Nichols, V. Jacobson; RFC 8289): when what leaves the queue has waited for longer than `target` during a
 * whole `interval`, it drops one, and then ever more often, by interval / √count, until the wait is below the target. A burst
 * passes untouched; a standing queue does not, whatever the load and the speed of the server are.
 *
 * As the RFC's pseudo-code, with requests for packets; the exemption for the last MTU is one for the last request.
 */
import { ConfigError, ms, parseDuration } from '../../../sim/index.ts';
import type { Duration, Micros } from '../../../sim/index.ts';
import { NOBODY, copied, removeTicket, type QueueDiscipline, type Waiting } from '../discipline.ts';

export interface CodelOptions {
  /** Wait that is thought harmless, above 0. Default 5 ms. */
  readonly target?: Duration;
  /** How long it may be exceeded, above the target. Default 100 ms. */
  readonly interval?: Duration;
}

export interface CodelState {
  queue: Waiting[];
  /** When it will have been above the target for an interval; 0: it is below. */
  firstAbove: Micros;
  dropNext: Micros;
  count: number;
  lastCount: number;
  dropping: boolean;
}

/** Throws ConfigError. */
export function codel(options: CodelOptions = {}): QueueDiscipline<CodelState> {
  const target = parseDuration(options.target ?? ms(5), 'codel.target');
  const interval = parseDuration(options.interval ?? ms(100), 'codel.interval');
  if (target === 0) throw new ConfigError('codel.target', options.target, 'a duration above 0');
  if (interval <= target) throw new ConfigError('codel.interval', options.interval, 'a duration above codel.target');
  const law = new ControlLaw(target, interval);
  return {
    name: 'codel',
    init: () => ({ queue: [], firstAbove: 0, dropNext: 0, count: 0, lastCount: 0, dropping: false }),
    enter: ({ queue }, item) => void queue.push(item),
    next: (state, now) => law.dequeue(state, now),
    leave: ({ queue }, ticket) => removeTicket(queue, ticket),
    length: ({ queue }) => queue.length,
  };
}

/** RFC 8289, section 5. */
class ControlLaw {
  private readonly target: Micros;
  private readonly interval: Micros;

  constructor(target: Micros, interval: Micros) {
    this.target = target;
    this.interval = interval;
  }

  /** dodequeue: the first of the queue, and whether it may be dropped. */
  private take(state: CodelState, now: Micros): { item: Waiting | undefined; mayDrop: boolean } {
    const first = state.queue.shift();
    if (first === undefined) {
      state.firstAbove = 0;
      return { item: undefined, mayDrop: false };
    }
    const item = copied(first);
    if (now - item.arrived < this.target || state.queue.length <= 1) {
      state.firstAbove = 0;
      return { item, mayDrop: false };
    }
    if (state.firstAbove === 0) {
      state.firstAbove = now + this.interval;
      return { item, mayDrop: false };
    }
    return { item, mayDrop: now >= state.firstAbove };
  }

  private later(at: Micros, count: number): Micros {
    return at + Math.round(this.interval / Math.sqrt(count));
  }

  dequeue(state: CodelState, now: Micros): { serve: Waiting | undefined; drop: readonly Waiting[] } {
    const drop: Waiting[] = [];
    let taken = this.take(state, now);
    if (taken.item === undefined) {
      state.dropping = false;
      return NOBODY;
    }
    if (state.dropping) {
      if (!taken.mayDrop) state.dropping = false;
      while (state.dropping && now >= state.dropNext && taken.item !== undefined) {
        drop.push(taken.item);
        state.count++;
        taken = this.take(state, now);
        if (taken.mayDrop) state.dropNext = this.later(state.dropNext, state.count);
        else state.dropping = false;
      }
    } else if (taken.mayDrop) {
      drop.push(taken.item);
      taken = this.take(state, now);
      state.dropping = true;
      // It was dropping a moment ago: go on from the rate that had controlled the queue.
      const delta = state.count - state.lastCount;
      state.count = delta > 1 && now - state.dropNext < 16 * this.interval ? delta : 1;
      state.dropNext = this.later(now, state.count);
      state.lastCount = state.count;
    }
    return { serve: taken.item, drop };
  }
}
