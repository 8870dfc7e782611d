/** The loop: pop the first event by (time, sequence number), move the clock to it, hand it on. */
import { SimulationError } from '../base/errors.ts';
import { instantText, type Micros } from '../base/time.ts';
import type { EventQueue } from './event-queue.ts';
import type { Limits } from './limits.ts';

export interface EngineStatistics {
  readonly events: number;
  /** Virtual time reached, µs. */
  readonly reached: Micros;
  readonly mostAtOneInstant: number;
}

/**
 * Runs every event due up to and including `until`, then moves the clock there.
 * Throws SimulationError `max-events`, `max-time` or `livelock` when a limit is passed; the world is then as it was at that event.
 */
export function runUntil(queue: EventQueue, until: Micros, limits: Limits, dispatch: () => void): EngineStatistics {
  if (until > limits.maxTime) {
    throw new SimulationError(
      'max-time',
      `the run would last ${instantText(until)}, more than the limit of ${instantText(limits.maxTime)}`,
    );
  }
  let events = 0;
  let instant: Micros = -1;
  let atInstant = 0;
  let mostAtOneInstant = 0;
  while (queue.popUntil(until)) {
    if (queue.now === instant) {
      if (++atInstant > limits.maxEventsAtOneInstant) {
        throw new SimulationError(
          'livelock',
          `more than ${limits.maxEventsAtOneInstant} events at one instant, ${instantText(instant)}: time does not move on`,
        );
      }
    } else {
      if (atInstant > mostAtOneInstant) mostAtOneInstant = atInstant;
      instant = queue.now;
      atInstant = 1;
    }
    if (++events > limits.maxEvents) {
      throw new SimulationError(
        'max-events',
        `more than ${limits.maxEvents} events, at ${instantText(queue.now)} of virtual time`,
      );
    }
    dispatch();
  }
  if (queue.now < until) queue.now = until;
  return { events, reached: queue.now, mostAtOneInstant: Math.max(mostAtOneInstant, atInstant) };
}
