/**
 * Every order, by running again and again: stateless model checking (Godefroid, "Model checking for programming languages using
 * VeriSoft", POPL 1997; Musuvathi et al., "Finding and reproducing heisenbugs in concurrent programs", OSDI 2008).
 *
 * A run is fixed by its decisions. Each run follows a prefix of decisions, then takes the first alternative to the end; every
 * alternative that it passed by is a prefix for a later run. Prefixes with fewer *deviations* (decisions for another than the
 * first alternative) go first, so that the first violation found is one nearest to the ordinary course of things, and a bound on
 * deviations cuts off the orders farthest from it (the delay bound of Emmi, Qadeer, Rakamarić, POPL 2011, counted once for each
 * decision).
 *
 * Where two prefixes lead to the same state (see OrderState), what follows is explored once. That is partial-order reduction by
 * remembering: the second prefix still has to be run to find out. The memory needed is a prefix for each alternative not yet tried.
 */
import { ConfigError, SimulationError } from '../../base/errors.ts';
import { atLeastOne, type Chooser, type Course, type Explored, type Strategy } from './strategy.ts';

export interface ExhaustiveOptions {
  /** Most runs; beyond them the exploration is incomplete. Default 100,000. */
  readonly runs?: number;
  /** Most decisions of a run for another than the first alternative. Default: any number. */
  readonly deviations?: number;
  /** What follows from states that are the same is explored once. Default true. */
  readonly prune?: boolean;
}

export function exhaustive({ runs = 100_000, deviations = Infinity, prune = true }: ExhaustiveOptions = {}): Strategy {
  if (!(deviations >= 0)) throw new ConfigError('deviations', deviations, 'a number of at least 0');
  const bound =
    deviations === Infinity ? '' : `, at most ${deviations} ${deviations === 1 ? 'deviation' : 'deviations'}`;
  return {
    name: `exhaustive${bound}`,
    runs: atLeastOne('runs', runs),
    start: () => new Tree(deviations, prune),
  };
}

/** Decisions that lead to an alternative not yet tried: those of `before` up to `at`, where it takes `index` instead. */
interface Prefix {
  readonly before: readonly number[];
  readonly at: number;
  readonly index: number;
}

class Tree implements Course {
  /** By number of deviations; the last of a list is tried first. */
  private readonly open: Prefix[][] = [[]];
  private readonly most: number;
  private readonly prune: boolean;
  private readonly seen = new Set<string>();
  private decisions: number[] = [];
  private deviations = 0;
  private begun = false;
  private bounded = false;

  constructor(most: number, prune: boolean) {
    this.most = most;
    this.prune = prune;
  }

  get states(): number | undefined {
    return this.prune ? this.seen.size : undefined;
  }

  get complete(): boolean {
    return this.begun && !this.bounded && this.open.every((prefixes) => prefixes.length === 0);
  }

  begin(): Chooser | undefined {
    const deviations = this.begun ? this.open.findIndex((prefixes) => prefixes.length > 0) : 0;
    if (deviations < 0) return undefined;
    const prefix = this.open[deviations]?.pop();
    this.begun = true;
    this.deviations = deviations;
    const given = prefix === undefined ? [] : [...prefix.before.slice(0, prefix.at), prefix.index];
    this.decisions = given.slice();
    let isKnown = false;
    return (alternatives, position) => {
      const at = position.choices;
      const decision = given[at];
      if (decision !== undefined) {
        if (decision < alternatives.length) return decision;
        throw new SimulationError(
          'determinism',
          `decision ${at} had an alternative ${decision} before, and has none now`,
        );
      }
      isKnown ||= this.prune && this.knows(position.state());
      this.decisions.push(0);
      if (!isKnown) this.branch(at, alternatives.length);
      return 0;
    };
  }

  private knows(state: string): boolean {
    if (this.seen.has(state)) return true;
    this.seen.add(state);
    return false;
  }

  private branch(at: number, alternatives: number): void {
    if (this.deviations >= this.most) {
      this.bounded = true;
      return;
    }
    const list = (this.open[this.deviations + 1] ??= []);
    for (let index = alternatives - 1; index > 0; index--) list.push({ before: this.decisions, at, index });
  }

  end({ cut }: Explored): void {
    if (cut) this.bounded = true;
  }
}
