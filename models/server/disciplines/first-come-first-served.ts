/** First come, first served. Under overload everybody waits as long as the queue is, and those served have waited longest. */
import { removeTicket, shifted, type QueueDiscipline, type Waiting } from '../discipline.ts';

export const firstComeFirstServed = (): QueueDiscipline<Waiting[]> => ({
  name: 'first-come-first-served',
  init: () => [],
  enter: (queue, item) => void queue.push(item),
  next: (queue) => shifted(queue),
  leave: removeTicket,
  length: (queue) => queue.length,
});
