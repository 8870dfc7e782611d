/**
 * Who leads a partition (Kafka's controller). A leader is chosen from the in-sync replicas: all of them have what was acknowledged
 * with acks = all. Nothing is committed while fewer than `min.insync.replicas` are in sync, so those that were the last to fall out
 * still have everything: they are eligible when nobody is in sync any more (KIP-966). When none of them is alive either the partition
 * waits for one, or, with unclean election, takes any replica that is: available, and without whatever that replica had not fetched.
 *
 * Not modelled: moving leadership back to the preferred replica, reassignment.
 */
import type { PartitionMetadata } from './cluster-metadata.ts';

/** The partition with other in-sync replicas. */
export function withInSync(current: PartitionMetadata, isr: readonly string[]): PartitionMetadata {
  const { replicas, minInSync, partitionEpoch } = current;
  const had = [...current.isr, ...current.elr];
  const elr = isr.length >= minInSync ? [] : replicas.filter((id) => had.includes(id) && !isr.includes(id));
  return { ...current, isr, elr, partitionEpoch: partitionEpoch + 1 };
}

/** How the partition stands when only these brokers are alive; undefined when nothing changes. */
export function reelected(
  current: PartitionMetadata,
  isAlive: (broker: string) => boolean,
  unclean: boolean,
): PartitionMetadata | undefined {
  const { replicas, leader, leaderEpoch } = current;
  const isr = current.isr.filter(isAlive);
  const changed = withInSync(current, isr);
  if (isr.includes(leader)) return isr.length === current.isr.length ? undefined : changed;
  const lead = (id: string, inSync: readonly string[]): PartitionMetadata => ({
    ...withInSync(current, inSync),
    leader: id,
    leaderEpoch: leaderEpoch + 1,
  });
  const inSync = replicas.find((id) => isr.includes(id));
  if (inSync !== undefined) return lead(inSync, isr);
  const eligible = replicas.find((id) => isAlive(id) && changed.elr.includes(id));
  if (eligible !== undefined) return lead(eligible, [eligible]);
  const any = unclean ? replicas.find(isAlive) : undefined;
  if (any !== undefined) return { ...lead(any, [any]), elr: [] };
  return leader === '' ? undefined : { ...changed, leader: '', leaderEpoch: leaderEpoch + 1 };
}

/** The partition after a replica has lost part of its log: it is not eligible any more, unless nobody else is either. */
export function withoutEligible(current: PartitionMetadata, broker: string): PartitionMetadata | undefined {
  const elr = current.elr.filter((id) => id !== broker);
  if (elr.length === current.elr.length || elr.length + current.isr.length === 0) return undefined;
  return { ...current, elr, partitionEpoch: current.partitionEpoch + 1 };
}
