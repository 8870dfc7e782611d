/**
 * Controlled delay for servers (B. Maurer, "Fail at Scale", ACM Queue 2015): a request may queue for `interval` while the queue has been empty
 * within the last `interval`, and only for `target` while it has not. CoDel's idea without its control law: a burst may queue, a
 * standing queue is cut to what is worth serving, and no constant needs to know the load. It limits patience only; `order` says who
 * is served, and with `adaptiveLifo()` it is what Facebook's servers ran.
 */
import { ConfigError, ms, parseDuration } from '../../../sim/index.ts';
import type { Duration, Micros } from '../../../sim/index.ts';
import type { QueueDiscipline } from '../discipline.ts';
import { firstComeFirstServed } from './first-come-first-served.ts';

export interface ControlledDelayOptions<S> {
  /** Longest wait while the queue does not get empty, above 0. Default 5 ms. */
  readonly target?: Duration;
  /** Longest wait otherwise, and how long the queue may go without being empty; above the target. Default 100 ms. */
  readonly interval?: Duration;
  /** Default: first come, first served. */
  readonly order?: QueueDiscipline<S>;
}

export interface ControlledDelayState<S> {
  order: S;
  lastEmpty: Micros;
}

/** Throws ConfigError. */
export function controlledDelay<S>(options: ControlledDelayOptions<S> = {}): QueueDiscipline<ControlledDelayState<S>> {
  const target = parseDuration(options.target ?? ms(5), 'controlledDelay.target');
  const interval = parseDuration(options.interval ?? ms(100), 'controlledDelay.interval');
  if (target === 0) throw new ConfigError('controlledDelay.target', options.target, 'a duration above 0');
  if (interval <= target)
    throw new ConfigError('controlledDelay.interval', options.interval, 'a duration above controlledDelay.target');
  const order = options.order ?? (firstComeFirstServed() as unknown as QueueDiscipline<S>);
  const { preempts } = order;
  return {
    name: `controlled-delay, ${order.name}`,
    init: () => ({ order: order.init(), lastEmpty: 0 }),
    patience(state, now) {
      if (order.length(state.order) === 0) state.lastEmpty = now;
      return state.lastEmpty < now - interval ? target : interval;
    },
    enter: (state, item, now) => order.enter(state.order, item, now),
    next(state, now) {
      const next = order.next(state.order, now);
      if (order.length(state.order) === 0) state.lastEmpty = now;
      return next;
    },
    leave: (state, ticket) => order.leave(state.order, ticket),
    length: (state) => order.length(state.order),
    ...(preempts === undefined ? {} : { preempts }),
  };
}
