/**
 * Last come, first served, without pre-emption: the same mean wait as first come, first served, and a far heavier tail. Under overload
 * those served have just come, so that their callers still wait; the old ones starve, and should be limited in patience.
 */
import { NOBODY, copied, removeTicket, type QueueDiscipline, type Waiting } from '../discipline.ts';

export const lastComeFirstServed = (): QueueDiscipline<Waiting[]> => ({
  name: 'last-come-first-served',
  init: () => [],
  enter: (queue, item) => void queue.push(item),
  next(queue) {
    const serve = queue.pop();
    return serve === undefined ? NOBODY : { serve: copied(serve), drop: [] };
  },
  leave: removeTicket,
  length: (queue) => queue.length,
});
