/**
 * Delivery by a message queue: nothing acknowledged is lost, nothing comes from nowhere, nothing is left over.
 *
 * At least once: every publish that was acknowledged is processed, or is in the dead-letter queue, by the end of the run; what is
 * still queued then is late, not lost, and leaves the answer open if need be. At most once, where it is promised: nothing is processed
 * twice. Producers record `publish`, consumers `process`, each with the message's id as input.
 */
import { canonicalJson } from '../base/json.ts';
import { instantText } from '../base/time.ts';
import type { Operation } from '../history/operation.ts';
import type { Check, RunView } from './check.ts';
import type { Verdict } from './verdict.ts';

export interface QueueContents {
  /** Ids of messages that wait or are in flight. */
  readonly queued: Iterable<string>;
  /** Ids of messages set aside for good. */
  readonly dead: Iterable<string>;
}

export interface QueueDeliveryOptions {
  /** What the broker holds at the end; undefined while it is down. */
  readonly contents: (view: RunView) => QueueContents | undefined;
  /** Also promised: no message is processed twice. Default false. */
  readonly atMostOnce?: boolean;
  /** Of several subscribers that each get every message: the one that is judged, by the key of its `process` operations. Default: all. */
  readonly subscriber?: string;
  /** What is still queued at the end leaves the answer `open`, or is `allowed`: the business of another check. Default `open`. */
  readonly late?: 'open' | 'allowed';
  /** Default `no acknowledged message is lost`. */
  readonly name?: string;
}

const SHOWN = 5;
const idOf = (op: Operation): string => (typeof op.input === 'string' ? op.input : canonicalJson(op.input));

/** Violated by a lost message, one that nobody published, or, with `atMostOnce`, one processed twice. */
export function messageQueueDelivery(options: QueueDeliveryOptions): Check {
  const {
    contents,
    atMostOnce = false,
    subscriber,
    late: lateness = 'open',
    name = 'no acknowledged message is lost',
  } = options;
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const held = contents(view);
    if (held === undefined)
      return { ...base, status: 'undecided', message: 'the broker is down at the end: nobody can say what it holds' };
    const judged =
      subscriber === undefined
        ? view.operations
        : view.operations.filter(({ f, key }) => f !== 'process' || key === subscriber);
    const books = balance(judged, held);
    const fault = atFault(books, atMostOnce, view);
    if (fault !== undefined) {
      const shown = fault.operations.slice(0, SHOWN).map((op) => op.id);
      const witness = {
        sentence: fault.sentence,
        at: fault.at,
        operations: shown,
        mandatory: shown,
        facts: books.facts,
      };
      return { ...base, status: 'violated', message: fault.sentence, witness };
    }
    const { acknowledged, processed, dead, late, duplicates } = books.facts;
    const numbers = `${acknowledged} acknowledged, ${processed} processed, ${dead} dead, ${duplicates} processed again`;
    if (late > 0 && lateness === 'open')
      return { ...base, status: 'undecided', message: `${numbers}; ${late} still queued when the run ended` };
    return { ...base, status: 'held', message: numbers };
  };
  return {
    name,
    kind: 'history',
    promise: `every acknowledged message is processed or set aside${atMostOnce ? ', none twice' : ''}`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

interface Books {
  readonly lost: readonly Operation[];
  readonly strays: readonly Operation[];
  readonly again: readonly Operation[];
  readonly facts: Readonly<
    Record<
      'published' | 'acknowledged' | 'processed' | 'dead' | 'late' | 'unknown' | 'lost' | 'duplicates' | 'fromNowhere',
      number
    >
  >;
}

function balance(operations: readonly Operation[], held: QueueContents): Books {
  const published = operations.filter((op) => op.f === 'publish');
  const known = new Set(published.map(idOf));
  const acknowledged = published.filter((op) => op.outcome === 'ok');
  const processed = new Set<string>();
  const unknown = new Set<string>();
  const strays: Operation[] = [];
  const again: Operation[] = [];
  for (const op of operations) {
    if (op.f !== 'process') continue;
    const id = idOf(op);
    // A consumer that crashed over a message, or stands still over it to the end, may have done it: nobody can call that lost.
    if (op.outcome === 'info' || op.outcome === 'pending') unknown.add(id);
    if (op.outcome !== 'ok') continue;
    if (!known.has(id)) strays.push(op);
    if (processed.has(id)) again.push(op);
    processed.add(id);
  }
  const queued = new Set(held.queued);
  const dead = new Set(held.dead);
  const open = acknowledged.filter((op) => !processed.has(idOf(op)) && !dead.has(idOf(op)));
  const missing = open.filter((op) => !queued.has(idOf(op)));
  const lost = missing.filter((op) => !unknown.has(idOf(op)));
  return {
    lost,
    strays,
    again,
    facts: {
      published: published.length,
      acknowledged: acknowledged.length,
      processed: processed.size,
      dead: dead.size,
      late: open.length - missing.length,
      unknown: missing.length - lost.length,
      lost: lost.length,
      duplicates: again.length,
      fromNowhere: strays.length,
    },
  };
}

interface QueueFault {
  readonly sentence: string;
  readonly at: number;
  readonly operations: readonly Operation[];
}

function atFault({ lost, strays, again, facts }: Books, atMostOnce: boolean, view: RunView): QueueFault | undefined {
  const [gone] = lost;
  if (gone !== undefined) {
    const when = instantText(gone.completedAt);
    const sentence =
      `${facts.lost} of ${facts.acknowledged} acknowledged messages are lost: ${gone.client} was told at ${when} that ${idOf(gone)} is queued, ` +
      `and at ${instantText(view.end)} it was neither processed nor set aside nor waiting`;
    return { sentence, at: gone.completedAt, operations: lost };
  }
  const [stray] = strays;
  if (stray !== undefined) {
    return {
      sentence: `${stray.client} processed ${idOf(stray)}, which nobody published`,
      at: stray.completedAt,
      operations: strays,
    };
  }
  const [twice] = again;
  if (atMostOnce && twice !== undefined) {
    return {
      sentence: `${twice.client} processed ${idOf(twice)} again; ${again.length} messages were processed twice`,
      at: twice.completedAt,
      operations: again,
    };
  }
  return undefined;
}
