/**
 * What SWIM promises about its members' opinions of each other (Das, Gupta and Motivala, DSN 2002, §4.2 and §4.3).
 *
 * Incarnations never go back while a member lives, and only the member itself raises its own; an opinion gives way by the
 * rules of precedence (alive i over anything of a lower incarnation; suspect i also over alive i; dead over both), so that
 * nobody comes back from the dead without a higher incarnation; every crash is noticed by every member that runs, within
 * a bound (strong completeness, see swim-completeness.ts); members that are up and can be reached are not declared dead (accuracy).
 *
 * Accuracy is judged outside the faults only, since who is cut off cannot be told from who is dead, unless a claim of one's own says
 * to whom it is owed under faults, too. An event costs a look at the member's table, unless the view has a revision number that
 * says that nothing has changed.
 */
import { durationText, instantText, parseDuration, type Duration, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';
import { Completeness, readNoticeBound, type NoticeBound, type OwnPeriods } from './swim-completeness.ts';

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
  /** How many protocol periods it has begun since it booted. Must be there when `noticedWithin` is in periods. */
  readonly period?: number;
}

/** To whom accuracy is owed. */
export interface AccuracyClaim {
  /** What the check is called. */
  readonly name: string;
  readonly promise: string;
  begin(view: RunView): AccuracyWatch;
}

/** A claim at work in one run. */
export interface AccuracyWatch {
  /** As a check is told; before a declaration of death in the same event is judged. */
  handled?(node: NodeView): void;
  /** A member that is up has just been declared dead: why that is a mistake ("it is up and …"); undefined when it may be. */
  mistake(observer: string, member: string): string | undefined;
}

export interface SwimOptions<S> extends ReadingOptions {
  readonly view: (state: S) => SwimView;
  /**
   * From a crash until every member that runs must have noticed. In periods of its own it is owed whatever the faults do, and the check
   * is `always`; in virtual time it is `eventually`, and presumes that clocks keep time.
   */
  readonly noticedWithin: Duration | OwnPeriods;
  /** To whom accuracy is owed. Default: to all, but from the first fault until `settle` after the last. */
  readonly accuracy?: AccuracyClaim;
  /** Mistakes that are allowed. Default 0. */
  readonly falsePositives?: number;
  /** From the last fault's end until accuracy is judged again by the default claim. Default: `noticedWithin`, or 0 if that is in periods. */
  readonly settle?: Duration;
}

const INCARNATIONS = 'incarnations only grow, by their owners';
const PRECEDENCE = 'opinions give way to higher precedence only';
const RETURN = 'nobody comes back from the dead without a higher incarnation';
const COMPLETE = 'every crash is noticed';

/** Each a check of its own; they share one reading of the states. Throws ConfigError. */
export function swimInvariants<S>(options: SwimOptions<S>): readonly Check[] {
  const bound = readNoticeBound(options.noticedWithin);
  const settle = options.settle === undefined ? bound.within : parseDuration(options.settle, 'swimInvariants: settle');
  const accuracy = options.accuracy ?? outsideFaults(settle ?? 0);
  const allowed = options.falsePositives ?? 0;
  const changes = ({ changes: count }: SwimReading<S>): string => `${count} changes of opinion`;
  return sharedChecks<SwimReading<S>>({
    ...options,
    begin: (view, breaches) => new SwimReading(options, { bound, accuracy, allowed }, view, breaches),
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
        kind: bound.within === undefined ? 'always' : 'eventually',
        promise: `every member that runs notices a crash within ${bound.text}`,
        held: ({ completeness: { noticed, pending } }) =>
          `${noticed} times${pending > 0 ? `; ${pending} more were not due before the end` : ''}`,
        open: ({ completeness: { noticed, pending } }) =>
          bound.within !== undefined && noticed === 0 && pending > 0
            ? `the run ended less than ${bound.text} after the crash`
            : undefined,
      },
      {
        name: accuracy.name,
        promise: allowed === 0 ? accuracy.promise : `${accuracy.promise}, but for ${allowed} mistakes`,
        held: ({ mistakes, excused }) => `${mistakes} mistakes, ${excused} more that may be excused`,
      },
    ],
  });
}

/** Who is up is not declared dead, but by who may have been misled by faults. */
const outsideFaults = (settle: Micros): AccuracyClaim => ({
  name: 'members that are up are not declared dead',
  promise: `from ${durationText(settle)} after the faults on, as before them, no member is declared dead that is up`,
  begin: (view) => ({
    mistake() {
      const { now, firstFaultAt = Infinity, healedAt = Infinity } = view;
      return now >= firstFaultAt && now <= healedAt + settle ? undefined : 'it is up';
    },
  }),
});

interface Claims {
  readonly bound: NoticeBound;
  readonly accuracy: AccuracyClaim;
  readonly allowed: number;
}

interface Observer {
  readonly life: number;
  incarnation: number;
  revision: number | undefined;
  period: number | undefined;
  readonly opinions: Map<string, MemberOpinion>;
}

class SwimReading<S> implements Reading {
  changes = 0;
  mistakes = 0;
  excused = 0;
  readonly completeness: Completeness;
  private readonly options: SwimOptions<S>;
  private readonly claims: Claims;
  private readonly accuracy: AccuracyWatch;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly observers = new Map<string, Observer>();
  /** The highest incarnation that each member has had. */
  private readonly highest = new Map<string, number>();

  constructor(options: SwimOptions<S>, claims: Claims, view: RunView, breaches: Breaches) {
    this.options = options;
    this.claims = claims;
    this.view = view;
    this.breaches = breaches;
    this.accuracy = claims.accuracy.begin(view);
    this.completeness = new Completeness(claims.bound, view, (breach) => breaches.report(COMPLETE, breach));
  }

  handled(node: NodeView): void {
    this.accuracy.handled?.(node);
    const { id, life } = node;
    if (!isRunning(node)) {
      this.observers.delete(id);
      this.completeness.crashed(id, this.observers);
      return;
    }
    let observer = this.observers.get(id);
    if (observer?.life !== life) {
      observer = { life, incarnation: -Infinity, revision: undefined, period: undefined, opinions: new Map() };
      this.observers.set(id, observer);
      this.completeness.booted(id);
    }
    const now = this.options.view(node.state as S);
    observer.period = now.period;
    if (now.revision === undefined || now.revision !== observer.revision) this.read(id, observer, now);
    observer.revision = now.revision;
    this.completeness.ran(id, observer);
  }

  finish(): void {
    this.completeness.finish();
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
    if (this.view.node(member).status !== 'up') return;
    const why = this.accuracy.mistake(id, member);
    if (why === undefined) {
      this.excused++;
      return;
    }
    const { accuracy, allowed } = this.claims;
    this.mistakes++;
    if (this.mistakes <= allowed) return;
    const times = allowed === 0 ? '' : `, the ${this.mistakes}th such mistake`;
    this.breaches.report(accuracy.name, {
      sentence: `${id} declares ${member} dead (incarnation ${incarnation}) at ${instantText(this.view.now)}, although ${why}${times}`,
      nodes: [id, member],
      facts: { incarnation, mistakes: this.mistakes, allowed },
    });
  }
}

const RANK = { alive: 0, suspect: 1, dead: 2 } as const;

/** §4.2: a higher incarnation wins; of one incarnation, suspect over alive; dead over both, of whatever incarnation. */
const overrides = (now: MemberOpinion, before: MemberOpinion): boolean =>
  now.incarnation > before.incarnation ||
  (now.status === 'dead' && before.status !== 'dead') ||
  (now.incarnation === before.incarnation && RANK[now.status] > RANK[before.status]);
