/** A list kept in an order of its own. */
import { removeTicket, shifted, type QueueDiscipline, type Waiting } from '../discipline.ts';

/** Serves by ascending `rank`, and first come, first served among equals. */
export const inOrder = (name: string, rank: (item: Waiting) => number): QueueDiscipline<Waiting[]> => ({
  name,
  init: () => [],
  enter(queue, item) {
    // From the back: mostly it belongs near there. One that was pre-empted has an old ticket and goes before its equals.
    let at = queue.length;
    const own = rank(item);
    while (at > 0) {
      const before = queue[at - 1] as Waiting;
      const its = rank(before);
      if (its < own || (its === own && before.ticket < item.ticket)) break;
      at--;
    }
    queue.splice(at, 0, item);
  },
  next: (queue) => shifted(queue),
  leave: removeTicket,
  length: (queue) => queue.length,
});
