/**
 * Deficit round robin (M. Shreedhar, G. Varghese, SIGCOMM 1995): flows in turn, each with a quantum of work a round times its weight;
 * what it does not use up is kept while it has requests. Over any while in which two flows have requests they get work in
 * proportion to their weights, within a quantum and the largest request, whatever the sizes: a flow that sends a hundred times as much only makes
 * its own requests wait. O(1) a request when the quantum is at least the largest one.
 */
import { ConfigError, ms, parseDuration } from '../../../sim/index.ts';
import type { Duration, Micros } from '../../../sim/index.ts';
import { NOBODY, copied, removeTicket, type QueueDiscipline, type Waiting } from '../discipline.ts';
import { weightsOf, type FlowWeights } from './flow-weights.ts';

export interface DeficitRoundRobinOptions {
  /** Work of a flow of weight 1 in a round, above 0. Default 10 ms. */
  readonly quantum?: Duration;
  /** Default: 1 each. */
  readonly weights?: FlowWeights;
}

interface Flow {
  readonly name: string;
  deficit: Micros;
  /** Whether it has got its quantum in this round. */
  served: boolean;
  queue: Waiting[];
}

export interface DeficitRoundRobinState {
  /** Flows with requests; the first is the one whose turn it is. */
  flows: Flow[];
  length: number;
}

/** Throws ConfigError. */
export function deficitRoundRobin(options: DeficitRoundRobinOptions = {}): QueueDiscipline<DeficitRoundRobinState> {
  const quantum = parseDuration(options.quantum ?? ms(10), 'deficitRoundRobin.quantum');
  if (quantum === 0) throw new ConfigError('deficitRoundRobin.quantum', options.quantum, 'a duration above 0');
  const weightOf = weightsOf(options.weights, 'deficitRoundRobin.weights');
  return {
    name: 'deficit-round-robin',
    init: () => ({ flows: [], length: 0 }),
    enter(state, item) {
      const flow = state.flows.find(({ name }) => name === item.flow);
      if (flow === undefined) state.flows.push({ name: item.flow, deficit: 0, served: false, queue: [item] });
      else flow.queue.push(item);
      state.length++;
    },
    next(state) {
      for (;;) {
        const flow = state.flows[0];
        if (flow === undefined) return NOBODY;
        if (!flow.served) {
          flow.deficit += quantum * weightOf(flow.name);
          flow.served = true;
        }
        const head = flow.queue[0] as Waiting;
        if (head.work <= flow.deficit) {
          const item = copied(head);
          flow.deficit -= item.work;
          flow.queue.shift();
          state.length--;
          if (flow.queue.length === 0) state.flows.shift();
          return { serve: item, drop: [] };
        }
        flow.served = false;
        state.flows.push(state.flows.shift() as Flow);
      }
    },
    leave(state, ticket) {
      const at = state.flows.findIndex(({ queue }) => removeTicket(queue, ticket));
      if (at < 0) return false;
      state.length--;
      if (state.flows[at]?.queue.length === 0) state.flows.splice(at, 1);
      return true;
    },
    length: ({ length }) => length,
  };
}
