/**
 * Earliest deadline first (Liu and Layland 1973): the request whose caller gives up first. Optimal while all deadlines can be met; under
 * overload it serves what is about to expire and may meet none, so what has expired on the way is dropped. Requests say their time with
 * `within`; those that do not come last.
 */
import { NEVER, type Micros } from '../../../sim/index.ts';
import { NOBODY, copied, type QueueDiscipline, type Waiting } from '../discipline.ts';
import { inOrder } from './in-order.ts';

export function earliestDeadlineFirst(): QueueDiscipline<Waiting[]> {
  return {
    ...inOrder('earliest-deadline-first', ({ expires }) => expires),
    next(queue, now: Micros) {
      const drop: Waiting[] = [];
      for (;;) {
        const item = queue.shift();
        if (item === undefined) return drop.length === 0 ? NOBODY : { serve: undefined, drop };
        if (item.expires > now || item.expires === NEVER) return { serve: copied(item), drop };
        drop.push(copied(item));
      }
    },
  };
}
