/** A multi-primary node's keys: taking in an edit or what another node has, writing it down, reading it back after a crash. */
import { copyOf, type Context, type DiskView } from '../../sim/index.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import { advanced, includes, joined, type VersionVector } from '../versioning/version-vector.ts';
import type { ConflictPolicy, SentEdit } from './conflict-policy.ts';
import type { Cell, MultiPrimarySettings } from './settings.ts';

export interface MultiPrimaryState {
  cells: Record<string, Cell>;
  /** The name under which it accepts edits: a new one in every life, for it cannot know which edits of its last one others have. */
  identity: string;
  /** Its disk has failed to sync: it accepts no edits until it is restarted, and goes on sharing what it knows. */
  broken: boolean;
  /** By session, the last edit of it that was accepted here. */
  sessions: Record<string, number>;
  /** Edits accepted in this life. */
  accepted: number;
  /** Changes of its own that have come round the ring to it. */
  returned: number;
  /** Comparisons with other nodes begun in this life. */
  compared: number;
}

/** On disk: what became of a key, by an edit of a session or by what another node had. */
interface CellRecord {
  readonly key: string;
  readonly cell: Cell;
  readonly session?: string;
  readonly seq?: number;
}

export type MultiPrimaryContext = Context<MultiPrimaryState>;

const FILE = 'cells';
const NOTHING: VersionVector = Object.freeze({});

export const freshMultiPrimary = (identity: string): MultiPrimaryState => ({
  cells: {},
  sessions: {},
  identity,
  broken: false,
  accepted: 0,
  returned: 0,
  compared: 0,
});

/** What it has been delivered of a key. */
export const deliveredOf = (state: MultiPrimaryState, key: string): VersionVector =>
  state.cells[key]?.delivered ?? NOTHING;

/** Applies a client's edit; false: it was before. Throws CallError when the policy does not know it, or the disk is full. */
export function accept(
  state: MultiPrimaryState,
  edit: SentEdit,
  { policyOf }: MultiPrimarySettings,
  ctx: MultiPrimaryContext,
): boolean {
  const { session, seq } = edit;
  if ((state.sessions[session] ?? 0) >= seq) return false;
  const { key } = edit.change;
  const policy = policyOf(key);
  const at = { replica: state.identity, wall: ctx.clock.wall };
  const cell: Cell = {
    state: policy.apply(state.cells[key]?.state ?? policy.empty(), edit, at),
    delivered: advanced(deliveredOf(state, key), state.identity),
  };
  ctx.disk.append(FILE, { key, cell, session, seq } satisfies CellRecord);
  state.cells[key] = cell;
  state.sessions[session] = seq;
  state.accepted++;
  return true;
}

/** Merges what another node has of a key, unless it is known. */
export function absorb(
  state: MultiPrimaryState,
  key: string,
  cell: Cell,
  { policyOf }: MultiPrimarySettings,
  ctx: MultiPrimaryContext,
): void {
  const own = state.cells[key];
  if (own !== undefined && includes(own.delivered, cell.delivered)) return;
  // States are never changed in place, so this one may share parts with the message.
  const merged = own === undefined ? copyOf(cell) : mergedCell(policyOf(key), own, cell);
  unlessDiskFull(() => {
    ctx.disk.append(FILE, { key, cell: merged } satisfies CellRecord);
    state.cells[key] = merged;
  });
}

const mergedCell = (policy: ConflictPolicy, a: Cell, b: Cell): Cell => ({
  state: policy.merge(a.state, b.state),
  delivered: joined(a.delivered, b.delivered),
});

/** What a crash left: every record is a state that the key once had, so what can be read of them is merged. */
export function recovered(
  identity: string,
  disk: DiskView,
  { policyOf }: MultiPrimarySettings,
  ctx: MultiPrimaryContext,
): MultiPrimaryState {
  const state = freshMultiPrimary(identity);
  const { cells, sessions } = state;
  const records = disk.log<CellRecord>(FILE);
  // What stands behind a torn record would stay unreadable for ever.
  ctx.disk.truncate(FILE, records.length);
  for (const { key, cell, session, seq } of records) {
    const known = cells[key];
    cells[key] =
      known === undefined || includes(cell.delivered, known.delivered) ? cell : mergedCell(policyOf(key), known, cell);
    if (session !== undefined && seq !== undefined) sessions[session] = Math.max(sessions[session] ?? 0, seq);
  }
  return state;
}
