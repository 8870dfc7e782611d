/** What recording adds to an event: rows of the trace, patches of the state, sealed payloads. The ring with it and without. */
import { Trace } from '../../sim/trace/trace.ts';
import { contest, type Contestant } from '../contest.ts';
import type { Row } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';
import { advance } from './drive.ts';
import { ringTime, ringWorld } from './ring.ts';

const NODES = 100;
/** Two rows each: well below what a trace keeps by default. */
const EVENTS = 20_000;

/** A new world each turn, since a trace fills up. */
const recorded = (events: number, trace: () => Trace | undefined): Contestant => ({
  run: () => advance(ringWorld(NODES, { seed: 'ring', trace: trace() }), Math.round(ringTime(NODES, events))),
});

export const recording: Row = {
  name: 'recording',
  measure({ rounds, size }) {
    const events = EVENTS * size;
    const [on = [], off = []] = contest(rounds, [
      recorded(events, () => new Trace()),
      recorded(events, () => undefined),
    ]);
    return [
      {
        work: 'recorded path, added to each delivery of a ring',
        cost: spreadOf(on),
        reference: spreadOf(off),
        figure: spreadOf(perRound(on, off, (x, y) => (x - y) / 1_000)),
        unit: 'µs',
        budget: { sense: 'at most', limit: 12 },
      },
    ];
  },
};
