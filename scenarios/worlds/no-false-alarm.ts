/** That SWIM takes nobody for dead who is in touch, told from its members' states while faults are there. */
import { type Check, type CheckRun, type Micros, type NodeView, type RunView } from '../../sim/index.ts';
import type { SwimState } from '../../models/index.ts';
import { verdictOf, type Finding } from './finding.ts';

const FALSE_ALARM = 'no live node in touch with the others is declared dead';

interface Observer {
  life: number;
  revision: number;
  readonly dead: Set<string>;
  /** Probes of each target that were late, and those that had no answer, as last seen. */
  readonly late: Missed;
  readonly unanswered: Missed;
}

interface Missed {
  readonly seen: Map<string, number>;
  /** When the last one was. */
  readonly last: Map<string, Micros>;
}

const none = (): Missed => ({ seen: new Map(), last: new Map() });

/** Keeps the last time that each pair, and each node, was in trouble. */
class Watch {
  found: Finding | undefined;
  private readonly view: RunView;
  private readonly members: readonly NodeView[];
  private readonly observers = new Map<string, Observer>();
  private readonly lastAway = new Map<string, Micros>();
  private readonly window: Micros;

  constructor(view: RunView, window: Micros) {
    this.view = view;
    this.window = window;
    this.members = view.nodes.filter(({ role }) => role === 'member');
  }

  handled(node: NodeView): void {
    const { now } = this.view;
    for (const { id, status } of this.members) if (status !== 'up') this.lastAway.set(id, now);
    if (node.status !== 'up') return;
    const state = node.state as SwimState;
    let observer = this.observers.get(node.id);
    if (observer?.life !== node.life) {
      observer = { life: node.life, revision: -1, dead: new Set(), late: none(), unanswered: none() };
      this.observers.set(node.id, observer);
      this.lastAway.set(node.id, now);
    }
    if (observer.revision !== state.revision) this.read(node.id, observer, state);
  }

  private read(id: string, observer: Observer, { revision, late, unanswered, members }: SwimState): void {
    observer.revision = revision;
    this.noteMissed(observer.late, late);
    this.noteMissed(observer.unanswered, unanswered);
    for (const [member, { status }] of members) {
      if (status !== 'dead') observer.dead.delete(member);
      else if (!observer.dead.has(member)) {
        observer.dead.add(member);
        this.judge(id, member);
      }
    }
  }

  private noteMissed({ seen, last }: Missed, now: ReadonlyMap<string, number>): void {
    for (const [target, count] of now) {
      if (seen.get(target) !== count) last.set(target, this.view.now);
      seen.set(target, count);
    }
  }

  private judge(observer: string, member: string): void {
    if (this.wasAway(member) || this.wasAway(observer)) return;
    if (!this.isInTouch(member, observer) || !this.isInTouch(observer, member)) return;
    this.found ??= {
      sentence:
        `${observer} declares ${member} dead, although both have been up and in touch with the others: ` +
        'all of their probes were answered, most of them directly',
      at: this.view.now,
      nodes: [observer, member],
    };
  }

  private readonly wasAway = (id: string): boolean => this.isRecent(this.lastAway.get(id));
  private readonly isRecent = (at: Micros | undefined): boolean => at !== undefined && at > this.view.now - this.window;

  /** With everybody but one: who else is up has answered it, most of them directly, and it takes none of them for dead. */
  private isInTouch(id: string, but: string): boolean {
    const observer = this.observers.get(id) as Observer;
    const others = this.members.map((node) => node.id).filter((other) => other !== id && other !== but);
    const up = others.filter((other) => !this.wasAway(other));
    const late = up.filter((other) => this.isRecent(observer.late.last.get(other)));
    const isCut = up.some((other) => this.isRecent(observer.unanswered.last.get(other)) || observer.dead.has(other));
    return !isCut && 2 * late.length < others.length;
  }
}

/**
 * Judged while faults are there too, by what the two members have seen for `window`. That a member is declared dead which most cannot
 * reach, or which stood still, or by one of which that is true, is no false alarm.
 */
export function noFalseAlarm(window: Micros): Check {
  return {
    name: FALSE_ALARM,
    kind: 'always',
    promise: 'who can talk to all but one of the others is not declared dead by a member that can, too',
    watches: (view) => view.nodes.filter(({ role }) => role === 'member').map(({ id }) => id),
    begin(view): CheckRun {
      const watch = new Watch(view, window);
      return {
        handled: (node) => watch.handled(node),
        finish: () => verdictOf(FALSE_ALARM, 'always', watch.found, 'nobody was'),
      };
    },
  };
}
