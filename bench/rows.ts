/** The rows of the benchmark, in the order of the table. */
import type { Row } from './row.ts';
import { boots } from './workloads/boot.ts';
import { digest } from './workloads/digest.ts';
import { flows } from './workloads/flows.ts';
import { gossip } from './workloads/gossip.ts';
import { heartbeats } from './workloads/heartbeats.ts';
import { linearizability } from './workloads/linearizability.ts';
import { memory } from './workloads/memory.ts';
import { mm1 } from './workloads/mm1.ts';
import { recording } from './workloads/recording.ts';
import { rings } from './workloads/ring.ts';
import { timers } from './workloads/timers.ts';

export const ROWS: readonly Row[] = [
  timers,
  heartbeats,
  ...rings,
  mm1,
  flows,
  digest,
  recording,
  gossip,
  memory,
  ...boots,
  linearizability,
];
