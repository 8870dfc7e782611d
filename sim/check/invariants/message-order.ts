/**
 * First in, first out: of two messages that must keep their order, the later is not processed first. Which ones must is the queue's
 * promise: those of one producer, one key, one partition. A message counts when it is processed for the first time, since a
 * redelivery may come at any time. Judged from the history, O(n log n): producers record `publish`, consumers `process`, each
 * with the message's id as input.
 */
import { canonicalJson } from '../../base/json.ts';
import type { Operation } from '../../history/operation.ts';
import type { Check, RunView } from '../check.ts';
import type { Verdict } from '../verdict.ts';

export interface MessageOrderOptions {
  /** Messages of one lane keep their order; undefined: this one may come at any time. Default: the producer. */
  readonly lane?: (publish: Operation) => string | undefined;
  /** Of several subscribers that each get every message: the one that is judged, by the key of its `process` operations. Default: all. */
  readonly subscriber?: string;
  /** Messages that the queue has set aside: who had one before may still process it, long after its lane has gone on. Default: none. */
  readonly setAside?: (view: RunView) => Iterable<string>;
  /** Default `messages of one producer are processed in order`. */
  readonly name?: string;
}

interface Message {
  readonly publish: Operation;
  readonly process: Operation;
}

const idOf = ({ input }: Operation): string => (typeof input === 'string' ? input : canonicalJson(input));

/** Violated by a message that was processed before one of its lane that had been published before it. */
export function messageOrder(options: MessageOrderOptions = {}): Check {
  const {
    lane = ({ client }) => client,
    subscriber,
    setAside = () => [],
    name = 'messages of one producer are processed in order',
  } = options;
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const aside = new Set(setAside(view));
    const kept = (publish: Operation): string | undefined => (aside.has(idOf(publish)) ? undefined : lane(publish));
    const lanes = lanesOf(view.operations, kept, subscriber);
    let compared = 0;
    for (const [which, messages] of lanes) {
      compared += messages.length;
      const found = overtaken(messages);
      if (found === undefined) continue;
      const { first, second } = found;
      const sentence =
        `${idOf(second.publish)} was published after ${idOf(first.publish)} (${which}), but ${second.process.client} had processed it ` +
        `before ${first.process.client} began with the other`;
      const operations = [first.publish, second.publish, second.process, first.process].map(({ id }) => id);
      const witness = {
        sentence,
        at: first.process.completedAt,
        operations,
        mandatory: operations,
        facts: { lane: which },
      };
      return { ...base, status: 'violated', message: sentence, witness };
    }
    return { ...base, status: 'held', message: `${compared} messages in ${lanes.size} lanes` };
  };
  return {
    name,
    kind: 'history',
    promise: 'no message overtakes one that was published before it',
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

/** Messages that were published for certain and processed, by lane, as they were published. */
function lanesOf(
  operations: readonly Operation[],
  lane: (publish: Operation) => string | undefined,
  subscriber: string | undefined,
): Map<string, Message[]> {
  const processed = new Map<string, Operation>();
  for (const op of operations) {
    if (op.f !== 'process' || op.outcome !== 'ok' || (subscriber !== undefined && op.key !== subscriber)) continue;
    const known = processed.get(idOf(op));
    if (known === undefined || op.completed < known.completed) processed.set(idOf(op), op);
  }
  const lanes = new Map<string, Message[]>();
  for (const publish of operations) {
    if (publish.f !== 'publish' || publish.outcome !== 'ok') continue;
    const process = processed.get(idOf(publish));
    const which = lane(publish);
    if (process === undefined || which === undefined) continue;
    const own = lanes.get(which);
    if (own === undefined) lanes.set(which, [{ publish, process }]);
    else own.push({ publish, process });
  }
  return lanes;
}

/**
 * Two messages of which the one published later was certainly processed earlier. A sweep by the publishing's end keeps, of all
 * that were published before the present one, that whose processing began last.
 */
function overtaken(messages: readonly Message[]): { readonly first: Message; readonly second: Message } | undefined {
  const byEnd = messages.toSorted((a, b) => a.publish.completed - b.publish.completed);
  const byBegin = messages.toSorted((a, b) => a.publish.invoked - b.publish.invoked);
  let next = 0;
  let last: Message | undefined;
  for (const second of byBegin) {
    for (; next < byEnd.length; next++) {
      const earlier = byEnd[next] as Message;
      if (earlier.publish.completed > second.publish.invoked) break;
      if (last === undefined || earlier.process.invoked > last.process.invoked) last = earlier;
    }
    if (last !== undefined && second.process.completed < last.process.invoked) return { first: last, second };
  }
  return undefined;
}
