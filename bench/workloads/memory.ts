/** A long run without a trace keeps nothing of what has happened: a million deliveries, and what the process needed. */
import { peakMemory } from '../memory.ts';
import type { Row } from '../row.ts';
import { spreadOf } from '../statistics.ts';
import { advance } from './drive.ts';
import { ringTime, ringWorld } from './ring.ts';

const NODES = 1_000;
const DELIVERIES = 1_000_000;

export const memory: Row = {
  name: 'memory',
  measure() {
    const world = ringWorld(NODES);
    while (world.network.delivered < DELIVERIES) advance(world, ringTime(NODES, DELIVERIES / 10));
    return [
      {
        work: '1,000,000 deliveries without a trace, memory of the process',
        figure: spreadOf([peakMemory()]),
        unit: 'MiB',
        budget: { sense: 'at most', limit: 500 },
      },
    ];
  },
};
