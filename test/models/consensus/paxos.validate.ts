/** Multi-Paxos in each of its shapes under random schedules of every profile, and on rotten disks. `ORRERY_SCHEDULES=300` for many. */
import { PAXOS_SHAPES, paxosUnderTest, type PaxosShape } from './paxos-under-test.ts';
import { survivesRandomSchedules, survivesRottenDisk } from './random-schedules.ts';

const SCHEDULES = Number(process.env.ORRERY_SCHEDULES ?? 15);

survivesRandomSchedules(PAXOS_SHAPES, paxosUnderTest, SCHEDULES);

// Votes of the very last flush can rot unnoticed (storage.ts): what was chosen stays so, since the others have them.
survivesRottenDisk(paxosUnderTest(PAXOS_SHAPES[1] as PaxosShape), 4 * SCHEDULES, /^promises never go back/);
