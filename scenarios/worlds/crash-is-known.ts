/** That a crash is noticed by everybody, told from the members' states: in their own periods, so that who stands still has not to. */
import { type Check, type CheckRun, type NodeView, type RunView } from '../../sim/index.ts';
import { verdictOf, type Finding } from './finding.ts';

export interface CrashIsKnownOptions<S> {
  readonly name: string;
  /** Of its own periods, until a member must have noticed. */
  readonly within: number;
  /** How many periods a member has begun. */
  readonly period: (state: S) => number;
  /** Whether it takes the other for alive. */
  readonly believes: (state: S, id: string) => boolean;
}

/** Every member that goes on has noticed a crash in time, unless the node is back before. */
export function crashIsKnown<S>(options: CrashIsKnownOptions<S>): Check {
  const { name } = options;
  return {
    name,
    kind: 'always',
    promise:
      'whatever becomes of messages, each member that goes on suspects who is down within so many of its own periods',
    watches: (view) => view.nodes.filter(({ role }) => role === 'member').map(({ id }) => id),
    begin(view): CheckRun {
      const crashes = new Crashes(view, options);
      return {
        handled: (node) => crashes.handled(node),
        finish: () => verdictOf(name, 'always', crashes.found, `${crashes.known} times`),
      };
    },
  };
}

/** Who has yet to notice which crash, and in which of its periods the crash was. */
class Crashes<S> {
  found: Finding | undefined;
  known = 0;
  private readonly view: RunView;
  private readonly options: CrashIsKnownOptions<S>;
  private readonly members: readonly NodeView[];
  private readonly open = new Map<string, Map<string, { readonly life: number; readonly period: number }>>();

  constructor(view: RunView, options: CrashIsKnownOptions<S>) {
    this.view = view;
    this.options = options;
    this.members = view.nodes.filter(({ role }) => role === 'member');
  }

  handled(node: NodeView): void {
    const { id, status, life } = node;
    if (status === 'crashed' || status === 'gone') this.crashed(id);
    if (status !== 'up') return;
    this.open.delete(id);
    const state = node.state as S;
    const period = this.options.period(state);
    for (const [down, observers] of this.open) {
      const since = observers.get(id);
      if (since === undefined) continue;
      const hasNoticed = !this.options.believes(state, down);
      if (hasNoticed || since.life !== life) {
        if (hasNoticed) this.known++;
        observers.delete(id);
      } else if (period - since.period > this.options.within) {
        observers.delete(id);
        const sentence = `${id} still takes ${down} for alive in the ${period - since.period}th of its periods after ${down} crashed`;
        this.found ??= { sentence, at: this.view.now, nodes: [id, down] };
      }
    }
  }

  private crashed(id: string): void {
    if (this.open.has(id)) return;
    const observers = new Map<string, { readonly life: number; readonly period: number }>();
    for (const other of this.members) {
      const state = other.status === 'up' ? (other.state as S) : undefined;
      if (other.id === id || state === undefined || !this.options.believes(state, id)) continue;
      observers.set(other.id, { life: other.life, period: this.options.period(state) });
    }
    this.open.set(id, observers);
  }
}
