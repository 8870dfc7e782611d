/** The common kind of row: the engine against a bare loop that does the same work. */
import { contest, type Contestant } from '../contest.ts';
import type { Line, Row, Scale } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';

export interface Versus {
  readonly name: string;
  readonly work: string;
  /** Least speed, as a multiple of the reference's. Absent: nothing is asked. */
  readonly atLeast?: number;
  readonly engine: (scale: Scale) => Contestant;
  readonly reference: (scale: Scale) => Contestant;
}

/** A row whose work others measure themselves by, too. */
export interface VersusRow extends Row {
  readonly engine: (scale: Scale) => Contestant;
}

/** A ratio above 1 means that the engine takes less time than the reference. */
export function versus({ name, work, atLeast, engine, reference }: Versus): VersusRow {
  return {
    name,
    engine,
    measure(scale): readonly Line[] {
      const [ours = [], theirs = []] = contest(scale.rounds, [engine(scale), reference(scale)]);
      return [
        {
          work,
          cost: spreadOf(ours),
          reference: spreadOf(theirs),
          figure: spreadOf(perRound(ours, theirs, (x, y) => y / x)),
          unit: '×',
          ...(atLeast === undefined ? {} : { budget: { sense: 'at least', limit: atLeast } }),
        },
      ];
    },
  };
}
