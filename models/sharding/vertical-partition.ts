/**
 * Vertical partitioning: a record's columns are kept in groups, each in a store of its own: what is read together lies together, and the
 * large or secret columns do not burden the rest. A query for some columns asks only the groups that have them.
 */
import { ConfigError } from '../../sim/index.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface VerticalPartition {
  readonly groups: readonly string[];
  /** Throws ConfigError for a column that no group has. */
  groupOf(column: string): string;
  /** The groups that a query for these columns must ask, each once. */
  groupsOf(columns: readonly string[]): readonly string[];
  /** A record's parts by group; groups of which it has no column are absent. */
  divide(row: Row): Readonly<Record<string, Row>>;
  /** The record again. Throws ConfigError when a part has a column of another group. */
  join(parts: Readonly<Record<string, Row>>): Row;
}

/** `columns`: those of each group, by its name. Throws ConfigError when a column is in two groups or a group has none. */
export function verticalPartition(columns: Readonly<Record<string, readonly string[]>>): VerticalPartition {
  const groups = Object.keys(columns);
  const groupBy = new Map<string, string>();
  for (const [group, own] of Object.entries(columns)) {
    if (own.length === 0) throw new ConfigError(`verticalPartition.${group}`, own, 'at least one column');
    for (const column of own) {
      const other = groupBy.get(column);
      if (other !== undefined)
        throw new ConfigError(`verticalPartition.${group}`, column, `a column that is not in ${other}`);
      groupBy.set(column, group);
    }
  }
  if (groups.length === 0) throw new ConfigError('verticalPartition', columns, 'at least one group');
  const groupOf = (column: string): string => {
    const group = groupBy.get(column);
    if (group === undefined) throw new ConfigError('verticalPartition: column', column, [...groupBy.keys()].join(', '));
    return group;
  };
  return {
    groups,
    groupOf,
    groupsOf: (asked) => [...new Set(asked.map(groupOf))],
    divide(row) {
      const parts: Record<string, Record<string, unknown>> = {};
      for (const [column, value] of Object.entries(row)) (parts[groupOf(column)] ??= {})[column] = value;
      return parts;
    },
    join(parts) {
      const row: Record<string, unknown> = {};
      for (const [group, part] of Object.entries(parts)) {
        for (const [column, value] of Object.entries(part)) {
          if (groupOf(column) !== group)
            throw new ConfigError(`verticalPartition: part ${group}`, column, `columns of ${group}`);
          row[column] = value;
        }
      }
      return row;
    },
  };
}
