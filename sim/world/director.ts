/**
 * Directors: somebody other than luck decides what happens next.
 *
 * In an ordinary run a message arrives when its sampled latency has passed, and so the order of a run is drawn. Under a director
 * nothing is drawn: at each step there is a list of things that may happen next, and the director picks one. Which orders are
 * possible is said by `OrderRules`:
 *
 * - *Messages.* One in flight may arrive next, whatever was sent before it, except that a stream keeps its order. It arrives at
 *   the present instant, or `latency.atLeast` after it was sent if that is later; no later than `latency.atMost` after it was
 *   sent. A message to oneself, one that a paused or slow node has let wait, and one over a link without latency is not in flight:
 *   it counts as a timer.
 * - *Timers* (and deadlines, sleeps, CPU work, flushes, faults) move the clock: each happens at max(now, its due time). With
 *   `timers: 'clock'` every one happens exactly when it is due, so only the first of all may come next (on a tie, any node's),
 *   and a message that comes before it arrives no later than it is due: such an order is that of an ordinary run with the right
 *   latencies. With `'node'` only the timers of one node keep their order: a node may be any amount slow, its timers late, never
 *   early. With `'any'` also the order of a node's own timers is free: an abstraction in which timeouts may beat physics.
 *
 * Simplified: a message arrives at the soonest instant that its place in the order allows. Timers that its arrival arms are
 * due that early and no later, so not every race between timers of different nodes is among the orders of `'clock'`.
 *
 * - *Drops and duplicates.* Up to so many datagrams of a run are lost on arrival, or leave a copy in flight.
 *
 * After `choices` decisions the run goes on undirected, from where it is, with the latencies that it has drawn.
 */
import { ConfigError, SimulationError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';

export interface OrderRules {
  /** See above. Default `clock`. */
  readonly timers: 'clock' | 'node' | 'any';
  /** How long a message is in flight, µs: at least 0 by default; without `atMost` there is no bound. */
  readonly latency: { readonly atLeast: Micros; readonly atMost?: Micros };
  /** Most datagrams lost in a run, besides those that links and faults lose. Default 0. */
  readonly drops: number;
  /** Most datagrams doubled in a run, besides those that links and faults double. Default 0. */
  readonly duplicates: number;
  /** Most decisions of a run, 0 and up; a step with only one thing that may happen is no decision. Default 1,000. */
  readonly choices: number;
}

export type OrderOptions = Partial<Omit<OrderRules, 'latency'>> & { readonly latency?: Partial<OrderRules['latency']> };

/** One thing that may happen next. */
export interface Alternative {
  /** The event arrives or fires; or the message is lost; or it arrives and leaves a copy in flight. */
  readonly act: 'happen' | 'drop' | 'duplicate';
  /** Names the event: the same in every run in which the nodes involved have done the same until now. `a→b#3`, `n2@7`. */
  readonly event: string;
  /** For people: `write reply a→b`, `timer election of n2`. */
  text(): string;
  /** Number of a causal chain: an event and the first message that it sent belong to one, and so do timers that keep their order. */
  readonly chain: number;
}

/** Where a run stands when a decision is due. */
export interface Position {
  /** Decisions taken so far. */
  readonly choices: number;
  /** Number of causal chains so far. */
  readonly chains: number;
  /**
   * A fingerprint of everything that the future depends on: what each node has handled, in its order and at which instants, what
   * was lost, and how clients' operations overlap.
   */
  state(): string;
}

/** Decides what happens next. */
export interface Director {
  readonly rules: OrderRules;
  /**
   * The index of one of at least two alternatives. The first is what would happen with the latencies that were drawn; but a
   * message that something else has been preferred to comes after all other messages, just before the clock moves on.
   */
  choose(alternatives: readonly Alternative[], position: Position): number;
}

/** The order of a directed run as plain data: it can be run again. */
export interface ChosenOrder extends OrderRules {
  /** The index taken at each decision; zeros at the end are left out. */
  readonly taken: readonly number[];
}

const whole = (field: string, value: number): number => {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ConfigError(field, value, 'a whole number of at least 0');
};

/** Fills in the defaults. Throws ConfigError. */
export function orderRules(options: OrderOptions = {}): OrderRules {
  const { timers = 'clock', latency = {}, drops = 0, duplicates = 0, choices = 1_000 } = options;
  const { atLeast = 0, atMost } = latency;
  if (timers !== 'clock' && timers !== 'node' && timers !== 'any')
    throw new ConfigError('order.timers', timers, 'clock, node or any');
  whole('order.latency.atLeast', atLeast);
  if (atMost !== undefined && whole('order.latency.atMost', atMost) < atLeast)
    throw new ConfigError('order.latency.atMost', atMost, `at least latency.atLeast (${atLeast})`);
  whole('order.drops', drops);
  whole('order.duplicates', duplicates);
  return {
    timers,
    latency: { atLeast, ...(atMost === undefined ? {} : { atMost }) },
    drops,
    duplicates,
    choices: whole('order.choices', choices),
  };
}

/**
 * Takes the choices of an order again. The run throws SimulationError `order` where there are fewer alternatives than were chosen
 * from: the design is another one then. With `lenient` the first is taken there.
 */
export function following(
  { taken, ...rules }: ChosenOrder,
  { lenient = false }: { readonly lenient?: boolean } = {},
): Director {
  return {
    rules,
    choose(alternatives, position) {
      const index = taken[position.choices] ?? 0;
      if (index < alternatives.length) return index;
      if (lenient) return 0;
      const message = `decision ${position.choices} of the order takes alternative ${index}, and there are only ${alternatives.length}`;
      throw new SimulationError('order', `${message}: it is the order of another design`);
    },
  };
}
