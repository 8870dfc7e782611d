/**
 * Rows in a Cassandra-style store: three nodes on three racks of one data centre, three copies of each row. Each row has one
 * writer, so that timestamps from one rising source order its writes. Levels, timestamps and repair differ between the
 * scenarios.
 */
import {
  clockOffset,
  crash,
  exponential,
  instantText,
  linearizable,
  ms,
  partitionPartial,
  register,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type Operation,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  cassandraNode,
  networkTopologyStrategy,
  rowClient,
  rowVersions,
  type CassandraOptions,
  type CassandraProtocol,
  type RowClientOptions,
  type Versioning,
} from '../../models/index.ts';
import { acknowledged } from './acknowledged.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';
import { restartFindsTheDisk } from './kept-on-disk.ts';

export interface CassandraGroup {
  readonly nodes: readonly NodeRef<CassandraProtocol>[];
  readonly clients: readonly NodeRef[];
}

type Levels = Pick<RowClientOptions, 'readLevel' | 'writeLevel'>;

export interface CassandraGroupOptions
  extends Levels, Pick<CassandraOptions, 'hintWindow' | 'gcGrace' | 'purge' | 'repairEvery'> {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  readonly timestamps?: 'client' | 'coordinator';
  /** Whether rows are deleted once that they have been written; there are more of them then. Default false. */
  readonly deletes?: boolean;
}

const ROWS = 16;
/** Far fewer than in earnest: a run is to have many flushes and merges, and crashes in the middle of them. */
const MEMORY_RECORDS = 60;

/** Places nodes n1 … n3 and clients c1 … c3. Clients stop a second before the end. */
export function cassandraGroup(options: CassandraGroupOptions): CassandraGroup {
  const { world, duration, readLevel, writeLevel, timestamps = 'client', deletes = false, ...store } = options;
  const nodes = world.refs<CassandraProtocol>('n', 3);
  const places = Object.fromEntries(nodes.map(({ id }, at) => [id, { datacentre: 'east', rack: `rack ${at + 1}` }]));
  const strategy = networkTopologyStrategy({ copies: { east: 3 }, places });
  const actor = cassandraNode({
    nodes,
    strategy,
    places,
    ranges: 4,
    virtualNodes: 8,
    treeDepth: 4,
    memoryRecords: MEMORY_RECORDS,
    attempt: ms(60),
    patience: ms(200),
    ...store,
  });
  for (const node of nodes) world.node(node, { actor });
  const rows = deletes ? Array.from({ length: ROWS }, (_, i) => `row-${i + 1}`) : ['x', 'y'];
  const clients = world.refs<Record<never, never>>('c', 3);
  for (const [at, node] of clients.entries()) {
    // c3 only reads.
    const writes = rows.filter((_, i) => i % 2 === at);
    const think = exponential({ mean: ms(deletes ? 100 : 80) });
    const until = duration - s(1);
    const client = {
      nodes,
      attempt: ms(250),
      reads: rows,
      writes,
      readLevel,
      writeLevel,
      timestamps,
      deletes,
      think,
      until,
    };
    world.node(node, { actor: rowClient(client) });
  }
  return { nodes, clients };
}

/** The third node loses touch with the other two, and not with clients. */
export function thirdApart({ nodes: [n1, n2, n3] }: CassandraGroup, window: { at: Micros; for: Micros }): Fault[] {
  if (n1 === undefined || n2 === undefined || n3 === undefined) return [];
  return [
    partitionPartial({
      ...window,
      pairs: [
        [n1, n3],
        [n2, n3],
      ],
    }),
  ];
}

/** The third node is down. */
export const thirdDown = ({ nodes }: CassandraGroup, window: { at: Micros; for: Micros }): Fault[] => [
  crash({ ...window, node: nodes[2] as NodeRef }),
];

/** The first node's wall clock is ahead. */
export const firstAhead = (
  { nodes }: CassandraGroup,
  { by, ...window }: { at: Micros; for: Micros; by: Micros },
): Fault[] => [clockOffset({ ...window, node: nodes[0] as NodeRef, by })];

/**
 * What deletions withstand. Not messages that are on their way for longer than gc_grace, a second here and ten days in practice,
 * nor clocks that are further apart than that: either can bring a row back.
 */
export const rowsStayDeleted: { readonly profiles: readonly string[]; readonly limits: NemesisLimits } = {
  profiles: ALL_THAT_HEALS.filter((profile) => profile !== 'clocks'),
  limits: { families: COMES_BACK.filter((family) => !['clock', 'clog', 'delay', 'bandwidth'].includes(family)) },
};

export const cassandraGroupChecks = ({ nodes }: CassandraGroup): readonly Check[] => [
  linearizable(register()),
  restartFindsTheDisk(nodes, rowVersions() as Versioning),
  sometimes('a write is acknowledged', (view) => acknowledged(view, 'write'), { roles: ['client'] }),
  sometimes('a read is answered', (view) => acknowledged(view, 'read'), { roles: ['client'] }),
];

export const deletionChecks = (group: CassandraGroup): readonly Check[] => [
  deletedStaysDeleted(),
  ...cassandraGroupChecks(group),
  sometimes('a row is deleted', ({ operations }) => operations.some((op) => isDeletion(op) && op.outcome === 'ok'), {
    roles: ['client'],
  }),
];

const isDeletion = ({ f, input }: Operation): boolean => f === 'write' && input === null;

/** Violated by a read of a value whose row was deleted, for good, and acknowledged as such before the read began. */
function deletedStaysDeleted(): Check {
  const name = 'a deleted row stays deleted';
  return {
    name,
    kind: 'history',
    promise: 'no read returns a row that was deleted before the read began',
    begin: ({ operations }) => ({
      finish() {
        const deletions = new Map<string, Operation>();
        for (const op of operations) {
          const { key = '' } = op;
          if (isDeletion(op) && op.outcome === 'ok' && !deletions.has(key)) deletions.set(key, op);
        }
        for (const read of operations) {
          const deletion = deletions.get(read.key ?? '');
          if (read.f !== 'read' || read.outcome !== 'ok' || read.output === null) continue;
          if (deletion === undefined || deletion.completed > read.invoked) continue;
          return backAgain(name, deletion, read);
        }
        return { check: name, kind: 'history', status: 'held', message: `${deletions.size} rows were deleted` };
      },
    }),
  };
}

function backAgain(check: string, deletion: Operation, read: Operation) {
  const sentence =
    `${read.client} read ${JSON.stringify(read.output)} from ${read.key} at ${instantText(read.completedAt)} although ` +
    `${deletion.client} had deleted the row, acknowledged at ${instantText(deletion.completedAt)}`;
  const operations = [deletion.id, read.id];
  const witness = { sentence, at: read.completedAt, operations, mandatory: operations };
  return { check, kind: 'history', status: 'violated', message: sentence, witness } as const;
}
