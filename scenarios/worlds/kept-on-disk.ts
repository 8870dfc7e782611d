/** What a node of a Dynamo-style or Cassandra-style store has on its disk, and that a restart finds it there. */
import { instantText, type Check, type NodeRef, type Verdict, type Witness } from '../../sim/index.ts';
import { dynamoEntries, type DynamoState, type Versioning } from '../../models/index.ts';

/** What would outlive a crash, by key, hints included. */
export function durableCells(state: DynamoState, versioning: Versioning): ReadonlyMap<string, unknown> {
  const known = new Map<string, unknown>();
  const hints = Object.values(state.hints).map((table) => Object.entries(table));
  for (const table of [dynamoEntries(state), ...hints])
    for (const [key, { durable }] of table)
      if (durable !== null) known.set(key, known.has(key) ? versioning.merge(known.get(key), durable) : durable);
  return known;
}

/** What a node had on its disk in one life, as of the last change. */
interface OnDisk {
  readonly life: number;
  readonly written: number;
  readonly synced: number;
  readonly cells: ReadonlyMap<string, unknown>;
}

/**
 * Violated when a node comes back without a cell that was on its disk when it went down, or with an older one: whatever a crash has
 * interrupted, a flush, a merge or a cut of the log. Not promised on disks that rot or lie.
 */
export function restartFindsTheDisk(nodes: readonly NodeRef[], versioning: Versioning): Check {
  const name = 'a restart finds what was on the disk';
  return {
    name,
    kind: 'always',
    promise: 'a node that comes back has every cell that was on its disk, or a newer one',
    watches: () => nodes.map(({ id }) => id),
    begin(view) {
      const disks = new Map<string, OnDisk>();
      let restarts = 0;
      let witness: Witness | undefined;
      return {
        handled({ id, life, status, state: seen }) {
          if ((status !== 'up' && status !== 'paused') || witness !== undefined) return;
          const state = seen as DynamoState;
          const { written, synced } = state;
          const known = disks.get(id);
          if (known?.life === life && known.written === written && known.synced === synced) return;
          const cells = durableCells(state, versioning);
          disks.set(id, { life, written, synced, cells });
          if (known === undefined || known.life === life) return;
          restarts++;
          const key = lacking(known.cells, cells, versioning);
          if (key === undefined) return;
          const sentence = `${id} came back at ${instantText(view.now)} without what had been on its disk of ${key}`;
          witness = { sentence, at: view.now, operations: [], nodes: [id], facts: { key } };
        },
        finish(): Verdict {
          if (witness === undefined)
            return { check: name, kind: 'always', status: 'held', message: `${restarts} restarts` };
          return { check: name, kind: 'always', status: 'violated', message: witness.sentence, witness };
        },
      };
    },
  };
}

/** The first key of which the one has what the other has not. */
function lacking(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  versioning: Versioning,
): string | undefined {
  for (const [key, cell] of before) {
    const order = versioning.compare(after.get(key) ?? versioning.empty, cell);
    if (order !== 'equal' && order !== 'after') return key;
  }
  return undefined;
}
