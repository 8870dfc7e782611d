/** The register checker on real logs whose values repeat (a search), and on a long history whose values are unique. */
import type { Operation } from '../../sim/index.ts';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import { contest } from '../contest.ts';
import type { Line, Row, Scale } from '../row.ts';
import { spreadOf } from '../statistics.ts';
import { busyHistory, etcdHistories } from './register-histories.ts';

function timed(
  work: string,
  milliseconds: number,
  histories: readonly (readonly Operation[])[],
  { rounds }: Scale,
): Line {
  const check = (): number => {
    for (const history of histories) {
      if (checkRegister(history, { failedCasObserves: true }).status === 'undecided')
        throw new Error(`${work}: undecided`);
    }
    return 1;
  };
  const [times = []] = contest(rounds, [{ run: check }]);
  const figure = spreadOf(times.map((nanoseconds) => nanoseconds / 1e6));
  return { work, figure, unit: 'ms', budget: { sense: 'at most', limit: milliseconds } };
}

export const linearizability: Row = {
  name: 'linearizability',
  measure(scale) {
    const histories = etcdHistories();
    const logs: Line =
      histories === undefined
        ? { work: 'linearizability, etcd histories', unit: 'ms', skipped: 'ORRERY_HISTORIES names no folder' }
        : timed(`linearizability, all ${histories.length} etcd histories, witnesses included`, 100, histories, scale);
    const unique = 'linearizability, 1,000 operations × 20 clients, unique values';
    return [logs, timed(unique, 5, [busyHistory(1_000, 20)], scale)];
  },
};
