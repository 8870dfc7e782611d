/**
 * Strong completeness of a failure detector: every crash is noticed by every member that runs, within a bound, unless the crashed
 * member is back before.
 *
 * The bound is best in protocol periods of the observer's own, as the proofs have it: a member that stands still, or whose clock is
 * slow, begins none, and owes nothing meanwhile. In virtual time the bound begins anew, when it runs again, for an observer that is
 * paused as it falls due; a pause that is over by then does not prolong it. An observer that has crashed itself owes nothing more: it
 * has forgotten. Who is cut off is held to it all the same: its own probes are all that it needs.
 */
import { ConfigError } from '../../base/errors.ts';
import { durationText, instantText, parseDuration, type Duration, type Micros } from '../../base/time.ts';
import type { RunView } from '../check.ts';
import type { Breach } from './shared-reading.ts';

/** Protocol periods of the observer's own, a whole number of at least 1. */
export interface OwnPeriods {
  readonly periods: number;
}

/** One of the two. */
export interface NoticeBound {
  readonly within: Micros | undefined;
  readonly periods: number;
  readonly text: string;
}

/** Throws ConfigError. */
export function readNoticeBound(noticedWithin: Duration | OwnPeriods): NoticeBound {
  const field = 'swimInvariants: noticedWithin';
  if (typeof noticedWithin !== 'object') {
    const within = parseDuration(noticedWithin, field);
    return { within, periods: Infinity, text: durationText(within) };
  }
  const { periods } = noticedWithin;
  if (!Number.isSafeInteger(periods) || periods < 1)
    throw new ConfigError(`${field}.periods`, periods, 'a whole number of at least 1');
  return { within: undefined, periods, text: `${periods} periods of its own` };
}

/** What is known of a member that runs. */
interface Watcher {
  readonly period: number | undefined;
  readonly opinions: ReadonlyMap<string, { readonly status: string }>;
}

/** What an observer had done when the crash was; `from`: when its time began, undefined until it runs again. */
interface Debt {
  readonly period: number;
  from: Micros | undefined;
}

interface Crash {
  readonly at: Micros;
  /** Who has yet to notice. */
  readonly debts: Map<string, Debt>;
  /** No debt in virtual time is due before. */
  due: Micros;
}

/** Who has yet to notice which crash. */
export class Completeness {
  noticed = 0;
  private readonly bound: NoticeBound;
  private readonly view: RunView;
  private readonly report: (breach: Breach) => void;
  /** By the member that is down. */
  private readonly crashes = new Map<string, Crash>();

  constructor(bound: NoticeBound, view: RunView, report: (breach: Breach) => void) {
    this.bound = bound;
    this.view = view;
    this.report = report;
  }

  /** Debts that were not due before the end. */
  get pending(): number {
    let sum = 0;
    for (const { debts } of this.crashes.values()) sum += debts.size;
    return sum;
  }

  /** `id` is down; those who run and take it for alive have to notice. */
  crashed(id: string, watchers: ReadonlyMap<string, Watcher>): void {
    for (const { debts } of this.crashes.values()) debts.delete(id);
    if (this.crashes.has(id)) return;
    const at = this.view.now;
    const crash: Crash = { at, debts: new Map(), due: at + (this.bound.within ?? Infinity) };
    for (const [watcher, { period, opinions }] of watchers)
      if (opinions.get(id)?.status === 'alive') crash.debts.set(watcher, { period: this.counted(period), from: at });
    this.crashes.set(id, crash);
  }

  /** `id` is up: nobody has to notice any more that it was not. */
  booted(id: string): void {
    this.crashes.delete(id);
  }

  /** `id` has handled an event. */
  ran(id: string, { period, opinions }: Watcher): void {
    for (const [member, crash] of this.crashes) {
      const debt = crash.debts.get(id);
      if (debt === undefined) continue;
      const passed = this.bound.within === undefined ? this.counted(period) - debt.period : 0;
      if (opinions.get(member)?.status !== 'alive') {
        crash.debts.delete(id);
        this.noticed++;
      } else if (passed > this.bound.periods) {
        crash.debts.delete(id);
        this.late(id, member, crash, `in the ${passed}th of its periods after the crash`);
      } else if (debt.from === undefined) {
        debt.from = this.view.now;
        crash.due = Math.min(crash.due, debt.from + (this.bound.within ?? Infinity));
      }
    }
    this.collect();
  }

  finish(): void {
    this.collect();
  }

  private collect(): void {
    const { now } = this.view;
    for (const [member, crash] of this.crashes) if (now >= crash.due) this.fallDue(member, crash, now);
  }

  /** In virtual time: the time of at least one observer is over, if it could run. */
  private fallDue(member: string, crash: Crash, now: Micros): void {
    const { within = Infinity } = this.bound;
    crash.due = Infinity;
    for (const [id, debt] of crash.debts) {
      const due = (debt.from ?? Infinity) + within;
      if (now < due) crash.due = Math.min(crash.due, due);
      else if (this.view.node(id).status !== 'up') debt.from = undefined;
      else {
        crash.debts.delete(id);
        this.late(id, member, crash, `${durationText(now - crash.at)} after it crashed`);
      }
    }
  }

  private counted(period: number | undefined): number {
    if (period === undefined && this.bound.within === undefined)
      throw new ConfigError('swimInvariants: view.period', period, 'a number, since noticedWithin is in periods');
    return period ?? 0;
  }

  private late(id: string, member: string, { at }: Crash, when: string): void {
    this.report({
      sentence: `${id} still takes ${member} for alive at ${instantText(this.view.now)}, ${when}`,
      nodes: [id, member],
      facts: { crashedAt: at, within: this.bound.text },
    });
  }
}
