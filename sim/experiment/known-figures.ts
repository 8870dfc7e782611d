/** Which figures the runs of an experiment have: a name that none has is a mistake and not a nought. */
import { ConfigError } from '../base/errors.ts';
import { hint } from '../base/nearest.ts';
import { STATISTICS, type Figures } from './figures.ts';

const SHOWN = 12;
const STATISTIC = new RegExp(`\\.(${STATISTICS.join('|')})$`);

/** Whether a figure of this name is a counter's total: a run in which it never counted has 0 of it, and no such counter. */
export const isTotal = (name: string): boolean => name.includes('/') && !STATISTIC.test(name);

export class KnownFigures {
  private readonly names = new Set<string>();

  add(figures: Figures): void {
    for (const name of figures.keys()) this.names.add(name);
  }

  /** Throws ConfigError for the first of `wanted` that no run had. */
  check(wanted: readonly string[]): void {
    const { names } = this;
    const unknown = wanted.find((name) => !names.has(name));
    if (unknown === undefined) return;
    const known = [...names];
    const some = known.slice(0, SHOWN).join(', ');
    throw new ConfigError(
      'figures',
      unknown,
      known.length === 0
        ? 'nothing: these runs have neither operations nor measurements'
        : `a figure that a run has: ${some}${known.length > SHOWN ? ', …' : ''}${hint(unknown, known)}`,
    );
  }
}
