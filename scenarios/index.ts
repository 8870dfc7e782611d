/** The registry: every bundled scenario, sorted by name. */
import type { Scenario } from '../sim/index.ts';
import asymmetricPartitionQuorum from './asymmetric-partition-quorum.ts';
import asymmetricPartition from './asymmetric-partition.ts';
import canary from './canary.ts';
import leaseDriftFenced from './lease-drift-fenced.ts';
import leaseDrift from './lease-drift.ts';
import lostMessageFsync from './lost-message-fsync.ts';
import lostMessage from './lost-message.ts';
import retryStormBudgeted from './retry-storm-budgeted.ts';
import retryStorm from './retry-storm.ts';
import splitBrainFenced from './split-brain-fenced.ts';
import splitBrain from './split-brain.ts';
import staleReadNoWriteBack from './stale-read-no-write-back.ts';
import staleReadWriteBack from './stale-read-write-back.ts';
import staleRead from './stale-read.ts';

export const scenarios: readonly Scenario[] = [
  asymmetricPartition,
  asymmetricPartitionQuorum,
  canary,
  leaseDrift,
  leaseDriftFenced,
  lostMessage,
  lostMessageFsync,
  retryStorm,
  retryStormBudgeted,
  splitBrain,
  splitBrainFenced,
  staleRead,
  staleReadNoWriteBack,
  staleReadWriteBack,
];
