/**
 * Start-time fair queueing (P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996), a weighted fair queueing whose virtual time is cheap: a request
 * starts, virtually, when the flow's last one ended, or at the virtual time of its arrival if that is later; it ends its work divided by the
 * flow's weight later; the earliest start is served, and virtual time is the start of what is being served. Two flows that
 * have requests get work in proportion to their weights, within one request each, also when the server's speed changes, and a
 * flow that was idle can claim nothing for that. With equal weights it is fair queueing.
 *
 * Starts are reckoned when a request comes to the head of its flow, and not when it arrives: one that leaves the queue unserved would
 * otherwise still count against its flow, and a flow of impatient requests would get nothing.
 */
import { NOBODY, copied, removeTicket, type QueueDiscipline, type Waiting } from '../discipline.ts';
import { weightsOf, type FlowWeights } from './flow-weights.ts';

export interface StartTimeFairOptions {
  /** Default: 1 each. */
  readonly weights?: FlowWeights;
}

interface Flow {
  readonly name: string;
  /** Virtual end of its last request that was served. */
  end: number;
  /** With the virtual time of their arrival. */
  queue: (Waiting & { readonly came: number })[];
}

export interface StartTimeFairState {
  /** Virtual time: µs of work of a flow of weight 1. */
  now: number;
  /** Those with requests, and those whose last end lies ahead. */
  flows: Flow[];
  length: number;
}

/** Throws ConfigError. */
export function startTimeFair({ weights }: StartTimeFairOptions = {}): QueueDiscipline<StartTimeFairState> {
  const weightOf = weightsOf(weights, 'startTimeFair.weights');
  return {
    name: 'start-time-fair',
    init: () => ({ now: 0, flows: [], length: 0 }),
    enter(state, item) {
      const request = { ...item, came: state.now };
      const flow = state.flows.find(({ name }) => name === item.flow);
      if (flow === undefined) state.flows.push({ name: item.flow, end: 0, queue: [request] });
      else flow.queue.push(request);
      state.length++;
    },
    next(state) {
      const first = earliest(state.flows);
      if (first === undefined) {
        // The end of a busy period: nobody has anything to claim any more.
        for (const { end } of state.flows) state.now = Math.max(state.now, end);
        state.flows = [];
        return NOBODY;
      }
      const item = copied(first.queue[0] as Waiting);
      state.now = startOf(first);
      first.end = state.now + item.work / weightOf(first.name);
      first.queue.shift();
      state.length--;
      if (state.flows.some(isOver(state.now))) state.flows = state.flows.filter((flow) => !isOver(state.now)(flow));
      return { serve: item, drop: [] };
    },
    leave(state, ticket) {
      const found = state.flows.some(({ queue }) => removeTicket(queue, ticket));
      if (found) state.length--;
      return found;
    },
    length: ({ length }) => length,
  };
}

/** Virtual start of the first request of a flow. */
const startOf = ({ end, queue }: Flow): number => Math.max(end, queue[0]?.came ?? 0);

/** Of the flows with requests, the one whose first starts earliest; among equals the one who came first. */
function earliest(flows: readonly Flow[]): Flow | undefined {
  let best: Flow | undefined;
  for (const flow of flows) {
    const head = flow.queue[0];
    if (head === undefined) continue;
    const ahead = best === undefined ? -1 : startOf(flow) - startOf(best);
    if (ahead < 0 || (ahead === 0 && head.ticket < (best?.queue[0]?.ticket ?? 0))) best = flow;
  }
  return best;
}

const isOver =
  (now: number) =>
  ({ end, queue }: Flow): boolean =>
    queue.length === 0 && end <= now;
