/** To whom SWIM owes accuracy while faults are there, told from its members' states: to who is in touch with the others. */
import type { AccuracyClaim, AccuracyWatch, Micros, NodeView, RunView } from '../../sim/index.ts';
import type { SwimState } from '../../models/index.ts';

/** What one life of a member has seen of its probes. */
interface Prober {
  readonly life: number;
  /** Probes of each target that were late, and those that had no answer. */
  readonly late: Missed;
  readonly unanswered: Missed;
}

/** How many there were of each target, as last seen, and when the last one was. */
type Missed = Map<string, { readonly count: number; readonly at: Micros }>;

/** Keeps the last time that each pair, and each node, was in trouble. */
class Touch implements AccuracyWatch {
  private readonly view: RunView;
  private readonly members: readonly NodeView[];
  private readonly probers = new Map<string, Prober>();
  private readonly lastAway = new Map<string, Micros>();
  private readonly window: Micros;

  constructor(view: RunView, window: Micros) {
    this.view = view;
    this.window = window;
    this.members = view.nodes.filter(({ role }) => role === 'member');
  }

  handled({ id, status, life, state }: NodeView): void {
    const { now } = this.view;
    for (const member of this.members) if (member.status !== 'up') this.lastAway.set(member.id, now);
    if (status !== 'up') return;
    let prober = this.probers.get(id);
    if (prober?.life !== life) {
      prober = { life, late: new Map(), unanswered: new Map() };
      this.probers.set(id, prober);
      this.lastAway.set(id, now);
    }
    const { late, unanswered } = state as SwimState;
    this.note(prober.late, late);
    this.note(prober.unanswered, unanswered);
  }

  private note(missed: Missed, counts: ReadonlyMap<string, number>): void {
    for (const [target, count] of counts)
      if (missed.get(target)?.count !== count) missed.set(target, { count, at: this.view.now });
  }

  mistake(observer: string, member: string): string | undefined {
    if (this.wasAway(member) || this.wasAway(observer)) return undefined;
    if (!this.isInTouch(member, observer) || !this.isInTouch(observer, member)) return undefined;
    return 'both have been up and in touch with the others: all of their probes were answered, most of them directly';
  }

  private readonly wasAway = (id: string): boolean => this.isRecent(this.lastAway.get(id));
  private readonly isRecent = (at: Micros | undefined): boolean => at !== undefined && at > this.view.now - this.window;

  /** With everybody but one: who else is up has answered it, most of them directly, and it takes none of them for dead. */
  private isInTouch(id: string, but: string): boolean {
    const { late, unanswered } = this.probers.get(id) as Prober;
    const { members } = this.view.node(id).state as SwimState;
    const others = this.members.map((node) => node.id).filter((other) => other !== id && other !== but);
    const up = others.filter((other) => !this.wasAway(other));
    const isCut = up.some((other) => this.isRecent(unanswered.get(other)?.at) || members.get(other)?.status === 'dead');
    return !isCut && 2 * up.filter((other) => this.isRecent(late.get(other)?.at)).length < others.length;
  }
}

/**
 * Judged by what the two members have seen for `window`. That a member is declared dead which most cannot reach, or which stood still, or
 * by one of which that is true, is no false alarm.
 */
export const inTouch = (window: Micros): AccuracyClaim => ({
  name: 'no live node in touch with the others is declared dead',
  promise: 'who can talk to all but one of the others is not declared dead by a member that can, too',
  begin: (view) => new Touch(view, window),
});
