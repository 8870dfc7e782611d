/**
 * Adaptive LIFO: first come, first served while the queue is short, last come, first served while more than `threshold` wait (B. Maurer,
 * "Fail at Scale", ACM Queue 2015: Facebook's servers). In normal times it is fair; in overload it serves those who still wait.
 * Give it a limit of patience, as `controlledDelay({ order: adaptiveLifo() })`, since the oldest are served last.
 */
import { ConfigError } from '../../../sim/index.ts';
import { NOBODY, copied, removeTicket, type QueueDiscipline, type Waiting } from '../discipline.ts';

export interface AdaptiveLifoOptions {
  /** Most that wait in normal times, at least 0. Default 10. */
  readonly threshold?: number;
}

/** Throws ConfigError. */
export function adaptiveLifo({ threshold = 10 }: AdaptiveLifoOptions = {}): QueueDiscipline<Waiting[]> {
  if (!Number.isInteger(threshold) || threshold < 0)
    throw new ConfigError('adaptiveLifo.threshold', threshold, 'a whole number of at least 0');
  return {
    name: 'adaptive-lifo',
    init: () => [],
    enter: (queue, item) => void queue.push(item),
    next(queue) {
      const serve = queue.length > threshold ? queue.pop() : queue.shift();
      return serve === undefined ? NOBODY : { serve: copied(serve), drop: [] };
    },
    leave: removeTicket,
    length: (queue) => queue.length,
  };
}
