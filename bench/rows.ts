/** The rows of the benchmark, in the order of the table. */
import type { Row } from './row.ts';
import { boots } from './workloads/boot.ts';
import { digest } from './workloads/digest.ts';
import { flows } from './workloads/flows.ts';
import { gossip } from './workloads/gossip.ts';
import { group } from './workloads/group.ts';
import { growths } from './workloads/growth.ts';
import { heartbeats } from './workloads/heartbeats.ts';
import { linearizability } from './workloads/linearizability.ts';
import { memory } from './workloads/memory.ts';
import { mm1 } from './workloads/mm1.ts';
import { recordings } from './workloads/recording.ts';
import { references } from './workloads/references.ts';
import { peers } from './workloads/peers.ts';
import { rings } from './workloads/ring.ts';
import { searches } from './workloads/searches.ts';
import { service } from './workloads/service.ts';
import { setup } from './workloads/setup.ts';
import { timers } from './workloads/timers.ts';

export const ROWS: readonly Row[] = [
  ...references,
  timers,
  ...heartbeats,
  ...rings,
  mm1,
  flows,
  service,
  group,
  digest,
  ...recordings,
  gossip,
  memory,
  setup,
  ...boots,
  linearizability,
  ...growths,
  searches,
  ...peers,
];
