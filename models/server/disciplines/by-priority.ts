/**
 * By priority, first come, first served within each (Cobham 1954). What is more important never waits for what is less, but for the one
 * being served; *pre-emptive* (resume) not even for that: the less important goes on later from where it stood. Under
 * overload the least important starve.
 */
import type { QueueDiscipline, Waiting } from '../discipline.ts';
import { inOrder } from './in-order.ts';

export interface ByPriorityOptions {
  /** Default false. */
  readonly preemptive?: boolean;
}

export function byPriority({ preemptive = false }: ByPriorityOptions = {}): QueueDiscipline<Waiting[]> {
  const order = inOrder(preemptive ? 'priority, pre-emptive' : 'priority', ({ priority }) => priority);
  if (!preemptive) return order;
  return { ...order, preempts: (arriving, running) => arriving.priority < running.priority };
}
