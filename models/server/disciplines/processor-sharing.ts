/**
 * Processor sharing: everybody is served at once, each at an equal share of the workers, one worker at most. What a time-sliced processor or a
 * link shared by many connections does, with infinitely small slices. M/G/1-PS has the mean time of M/M/1 whatever the law of the work (it is
 * *insensitive*), and a small request does not wait for a large one. Nobody queues: `queue` limits those that share.
 *
 * The work of all is done as one piece on the node's CPU, which then shows one worker busy, so that a slow or paused node slows it too.
 */
import { removeTicket, shifted, type QueueDiscipline, type Waiting } from '../discipline.ts';

export const processorSharing = (): QueueDiscipline<Waiting[]> => ({
  name: 'processor-sharing',
  init: () => [],
  enter: (queue, item) => void queue.push(item),
  next: (queue) => shifted(queue),
  leave: removeTicket,
  length: (queue) => queue.length,
  shares: true,
});
