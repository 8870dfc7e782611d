/**
 * What SWIM promises about its members' opinions of each other (Das, Gupta and Motivala, DSN 2002, §4.2 and §4.3).
 *
 * Incarnations never go back while a member lives, and only the member itself raises its own; an opinion gives way by the
 * rules of precedence (alive i over anything of a lower incarnation; suspect i also over alive i; dead over both), so that
 * nobody comes back from the dead without a higher incarnation; every crash is noticed by every member that is up, within
 * a bound (strong completeness); members that are up and can be reached are not declared dead (accuracy).
 *
 * Accuracy is judged outside the faults only: who is cut off cannot be told from who is dead. An event costs a look at the
 * member's table, unless the view has a revision number that says that nothing has changed.
 */
import { durationText, instantText, parseDuration, type Duration, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

export interface MemberOpinion {
  readonly status: 'alive' | 'suspect' | 'dead';
  readonly incarnation: number;
}

/** A member as the checks see it. Members are known by the names of their nodes. */
export interface SwimView {
  /** Its own incarnation. */
  readonly incarnation: number;
  /** What it thinks of the others. */
  readonly members: Iterable<readonly [id: string, opinion: MemberOpinion]>;
  /** The same number as before: nothing has changed since. Default: everything is looked at. */
  readonly revision?: number;
}

export interface SwimOptions<S> extends ReadingOptions {
  readonly view: (state: S) => SwimView;
  /** From a crash until every member that is up must have noticed. */
  readonly noticedWithin: Duration;
  /** Declarations of members that are up as dead that are allowed, outside the faults. Default 0. */
  readonly falsePositives?: number;
  /** From the last fault's end until accuracy is judged again. Default: `noticedWithin`. */
  readonly settle?: Duration;
}

const INCARNATIONS = 'incarnations only grow, by their owners';
const PRECEDENCE = 'opinions give way to higher precedence only';
const RETURN = 'nobody comes back from the dead without a higher incarnation';
const COMPLETE = 'every crash is noticed';
const ACCURATE = 'members that are up are not declared dead';

/** Each a check of its own; they share one reading of the states. */
export function swimInvariants<S>(options: SwimOptions<S>): readonly Check[] {
  const within = parseDuration(options.noticedWithin, 'swimInvariants: noticedWithin');
  const settle = options.settle === undefined ? within : parseDuration(options.settle, 'swimInvariants: settle');
  const allowed = options.falsePositives ?? 0;
  const changes = ({ changes: count }: SwimReading<S>): string => `${count} changes of opinion`;
  return sharedChecks<SwimReading<S>>({
    ...options,
    begin: (view, breaches) => new SwimReading(options, { within, settle, allowed }, view, breaches),
    properties: [
      {
        name: INCARNATIONS,
        promise: 'a member’s incarnation grows while it lives, and others have it from the member',
        held: changes,
      },
      {
        name: PRECEDENCE,
        promise: 'alive gives way to suspect and dead, all to a higher incarnation, nothing else',
        held: changes,
      },
      {
        name: RETURN,
        promise: 'who was declared dead is taken for alive again with a higher incarnation only',
        held: changes,
      },
      {
        name: COMPLETE,
        kind: 'eventually',
        promise: `every member that is up notices a crash within ${durationText(within)}`,
        held: ({ noticed, pending }) =>
          `${noticed} times${pending > 0 ? `; ${pending} more were not due before the end` : ''}`,
        open: ({ noticed, pending }) =>
          noticed === 0 && pending > 0 ? `the run ended less than ${durationText(within)} after the crash` : undefined,
      },
      {
        name: ACCURATE,
        promise: `outside the faults, at most ${allowed} times is a member declared dead that is up`,
        held: ({ mistakes, excused }) => `${mistakes} mistakes, ${excused} more while faults could excuse them`,
      },
    ],
  });
}

interface Bounds {
  readonly within: Micros;
  readonly settle: Micros;
  readonly allowed: number;
}

interface Observer {
  life: number;
  /** Up without a break since. */
  since: Micros;
  incarnation: number;
  revision: number | undefined;
  readonly opinions: Map<string, MemberOpinion>;
  /** Crashes that it has been held against, by node and life. */
  readonly judged: Set<string>;
}

class SwimReading<S> implements Reading {
  changes = 0;
  noticed = 0;
  pending = 0;
  mistakes = 0;
  excused = 0;
  private readonly options: SwimOptions<S>;
  private readonly bounds: Bounds;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly observers = new Map<string, Observer>();
  /** The highest incarnation that each member has had. */
  private readonly highest = new Map<string, number>();
  /** Members that are down, and since when. */
  private readonly down = new Map<string, { readonly at: Micros; readonly life: number }>();

  constructor(options: SwimOptions<S>, bounds: Bounds, view: RunView, breaches: Breaches) {
    this.options = options;
    this.bounds = bounds;
    this.view = view;
    this.breaches = breaches;
  }

  handled(node: NodeView): void {
    const { id, life } = node;
    if (!isRunning(node)) {
      if (!this.down.has(id)) this.down.set(id, { at: this.view.now, life });
      this.observers.delete(id);
      return;
    }
    this.down.delete(id);
    let observer = this.observers.get(id);
    if (observer === undefined || observer.life !== life) {
      const since = this.view.now;
      observer = { life, since, incarnation: -Infinity, revision: undefined, opinions: new Map(), judged: new Set() };
      this.observers.set(id, observer);
    }
    const now = this.options.view(node.state as S);
    if (now.revision === undefined || now.revision !== observer.revision) this.read(id, observer, now);
    observer.revision = now.revision;
    this.judgeCompleteness(id, observer);
  }

  finish(): void {
    for (const [id, observer] of this.observers) {
      this.judgeCompleteness(id, observer);
      for (const [member, { life }] of this.down)
        if (observer.opinions.has(member) && !observer.judged.has(`${member} ${life}`)) this.pending++;
    }
  }

  private read(id: string, observer: Observer, now: SwimView): void {
    this.judgeOwn(id, observer, now.incarnation);
    for (const [member, opinion] of now.members) {
      if (member === id) continue;
      const before = observer.opinions.get(member);
      if (before?.status === opinion.status && before.incarnation === opinion.incarnation) continue;
      this.changes++;
      observer.opinions.set(member, { status: opinion.status, incarnation: opinion.incarnation });
      this.judgeSource(id, member, opinion);
      if (before !== undefined) this.judgePrecedence(id, member, before, opinion);
      if (opinion.status === 'dead' && before?.status !== 'dead') this.judgeAccuracy(id, member, opinion);
    }
  }

  private judgeOwn(id: string, observer: Observer, incarnation: number): void {
    if (incarnation < observer.incarnation) {
      this.breaches.report(INCARNATIONS, {
        sentence: `${id} goes back from incarnation ${observer.incarnation} to ${incarnation}`,
        nodes: [id],
        facts: { from: observer.incarnation, to: incarnation },
      });
    }
    observer.incarnation = incarnation;
    this.highest.set(id, Math.max(this.highest.get(id) ?? incarnation, incarnation));
  }

  private judgeSource(id: string, member: string, { incarnation }: MemberOpinion): void {
    const own = this.highest.get(member);
    if (own === undefined || incarnation <= own) return;
    this.breaches.report(INCARNATIONS, {
      sentence: `${id} knows ${member} with incarnation ${incarnation}, but ${member} itself has had none above ${own}`,
      nodes: [id, member],
      facts: { incarnation, own },
    });
  }

  private judgePrecedence(id: string, member: string, before: MemberOpinion, now: MemberOpinion): void {
    if (overrides(now, before)) return;
    const property = before.status === 'dead' && now.status !== 'dead' ? RETURN : PRECEDENCE;
    const [old, fresh] = [before, now].map(({ status, incarnation }) => `${status} ${incarnation}`);
    this.breaches.report(property, {
      sentence: `${id} took ${member} for ${old}, and now takes it for ${fresh}`,
      nodes: [id, member],
      facts: { before, now },
    });
  }

  private judgeAccuracy(id: string, member: string, { incarnation }: MemberOpinion): void {
    const subject = this.view.nodes.find((node) => node.id === member);
    if (subject?.status !== 'up') return;
    const { now, firstFaultAt, healedAt } = this.view;
    const end = healedAt === undefined ? Infinity : healedAt + this.bounds.settle;
    if (firstFaultAt !== undefined && now >= firstFaultAt && now <= end) {
      this.excused++;
      return;
    }
    this.mistakes++;
    if (this.mistakes <= this.bounds.allowed) return;
    const times = this.bounds.allowed === 0 ? '' : `, the ${this.mistakes}th such mistake`;
    this.breaches.report(ACCURATE, {
      sentence: `${id} declares ${member} dead (incarnation ${incarnation}) at ${instantText(now)}, although it is up${times}`,
      nodes: [id, member],
      facts: { incarnation, mistakes: this.mistakes, allowed: this.bounds.allowed },
    });
  }

  private judgeCompleteness(id: string, observer: Observer): void {
    const now = Math.min(this.view.now, this.view.end);
    for (const [member, { at, life }] of this.down) {
      const name = `${member} ${life}`;
      // Who came up after the crash, or never knew the member, has nothing to notice.
      if (observer.since > at || observer.judged.has(name) || !observer.opinions.has(member)) continue;
      const isNoticed = observer.opinions.get(member)?.status !== 'alive';
      if (!isNoticed && now < at + this.bounds.within) continue;
      observer.judged.add(name);
      if (isNoticed) {
        this.noticed++;
        continue;
      }
      this.breaches.report(COMPLETE, {
        sentence: `${id} still takes ${member} for alive at ${instantText(now)}, ${durationText(now - at)} after it crashed`,
        nodes: [id, member],
        facts: { crashedAt: at, within: this.bounds.within },
      });
    }
  }
}

const RANK = { alive: 0, suspect: 1, dead: 2 } as const;

/** §4.2: a higher incarnation wins; of one incarnation, suspect over alive; dead over both, of whatever incarnation. */
const overrides = (now: MemberOpinion, before: MemberOpinion): boolean =>
  now.incarnation > before.incarnation ||
  (now.status === 'dead' && before.status !== 'dead') ||
  (now.incarnation === before.incarnation && RANK[now.status] > RANK[before.status]);
