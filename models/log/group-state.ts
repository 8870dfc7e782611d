/** What a group coordinator knows of its groups, and what of it is on disk. */
import type { Context, DiskView } from '../../sim/index.ts';

export interface GroupMember {
  topics: readonly string[];
  /** On the coordinator's monotonic clock. */
  heardAt: number;
  /** It waits for the next generation. */
  joined: boolean;
  /** Its partitions in the present generation. */
  assigned: string[];
}

export interface ConsumerGroup {
  /** Counts assignments. */
  generation: number;
  /** The generation that is on disk: only that is told. */
  durableGeneration: number;
  phase: 'empty' | 'preparing' | 'stable';
  members: Record<string, GroupMember>;
  /** By partition: the next offset to process. */
  committed: Record<string, number>;
  /** By partition: the leader epoch of what was processed last (KIP-320). */
  epochs: Record<string, number>;
}

export interface GroupCoordinatorState {
  groups: Record<string, ConsumerGroup>;
  /** Its disk has failed to sync: it answers nothing until it is restarted. */
  broken: boolean;
}

export type CoordinatorContext = Context<GroupCoordinatorState>;

export type GroupRecord =
  | { readonly kind: 'generation'; readonly group: string; readonly generation: number }
  | ({ readonly kind: 'commit'; readonly group: string } & Offsets);

/** By partition: the next offset to process, and the leader epoch of what was processed last. */
export interface Offsets {
  readonly offsets: Readonly<Record<string, number>>;
  readonly epochs: Readonly<Record<string, number>>;
}

export const GROUPS = 'groups';

const emptyGroup = (): ConsumerGroup => ({
  generation: 0,
  durableGeneration: 0,
  phase: 'empty',
  members: {},
  committed: {},
  epochs: {},
});

export const groupIn = (state: GroupCoordinatorState, name: string): ConsumerGroup =>
  (state.groups[name] ??= emptyGroup());

export function takeOffsets(group: ConsumerGroup, { offsets, epochs }: Offsets): void {
  Object.assign(group.committed, offsets);
  Object.assign(group.epochs, epochs);
}

/** Generations and offsets outlive a crash; members do not, and join again. */
export function recoveredGroups(disk: DiskView, ctx: CoordinatorContext): GroupCoordinatorState {
  const state: GroupCoordinatorState = { groups: {}, broken: false };
  const records = disk.log<GroupRecord>(GROUPS);
  ctx.disk.truncate(GROUPS, records.length);
  for (const record of records) {
    const group = groupIn(state, record.group);
    if (record.kind === 'generation') group.generation = Math.max(group.generation, record.generation);
    else takeOffsets(group, record);
    group.durableGeneration = group.generation;
  }
  return state;
}

/** Everybody that the group knows waits for the next generation. */
export const allJoined = ({ members }: ConsumerGroup): boolean => Object.values(members).every(({ joined }) => joined);
