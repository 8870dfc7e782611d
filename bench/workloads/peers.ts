/**
 * The same work in other simulators, where they are installed: SimPy (Python) and ns-3 (C++). Each turn starts the peer's program
 * from bench/peers, which times itself from its first event on, so that neither the start of Python nor the building counts.
 */
import type { Contestant, Timed } from '../contest.ts';
import { contest } from '../contest.ts';
import { findNs3, findSimPy, timedBy, type Peer } from '../peers.ts';
import type { Line, Row, Scale } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';
import { mm1 } from './mm1.ts';
import { timers } from './timers.ts';

interface Contender {
  readonly name: string;
  readonly work: string;
  readonly find: () => Peer;
  /** What the peer is told to do, as many as the engine does: timers or jobs. */
  readonly units: number;
  readonly engine: (scale: Scale) => Contestant;
}

const row = ({ name, work, find, units, engine }: Contender): Row => ({
  name,
  measure(scale): readonly Line[] {
    const peer = find();
    try {
      if ('missing' in peer) return [{ work, unit: '×', skipped: peer.missing }];
      const theirs: Contestant = { run: (): Timed => timedBy(peer, Math.round(units * scale.size)) };
      const [ours = [], others = []] = contest(scale.rounds, [engine(scale), theirs]);
      return [
        {
          work: `${work} (${peer.version})`,
          cost: spreadOf(ours),
          reference: spreadOf(others),
          figure: spreadOf(perRound(ours, others, (x, y) => y / x)),
          unit: '×',
        },
      ];
    } finally {
      if ('end' in peer) peer.end?.();
    }
  },
});

const simpy = (program: string) => () => findSimPy(`bench/peers/${program}`);

export const peers = [
  row({
    name: 'simpy-timers',
    work: '10,000 timers, against SimPy, per timer',
    find: simpy('simpy_timers.py'),
    units: 400_000,
    engine: timers.engine,
  }),
  row({
    name: 'simpy-mm1',
    work: 'M/M/1, against SimPy without deadlines and metrics, per job',
    find: simpy('simpy_mm1.py'),
    units: 60_000,
    engine: mm1.engine,
  }),
  row({
    name: 'ns3-timers',
    work: '10,000 timers, against ns-3, per timer',
    find: () => findNs3('bench/peers/ns3_timers.cc'),
    units: 400_000,
    engine: timers.engine,
  }),
];
