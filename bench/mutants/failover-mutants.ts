/** Mistakes in failover by an operator. */
import type { Mutant } from './mutant.ts';

const OPERATOR = 'models/replication/failover-operator.ts';
const SHIPPING = 'models/replication/log-shipping.ts';
const FRESHEST = { scenario: 'failover-freshest' } as const;
const INHERITS = 'a new primary has all that was acknowledged';

export const FAILOVER_MUTANTS: readonly Mutant[] = [
  {
    ...FRESHEST,
    name: 'semi-sync-off-by-one',
    bug: 'A primary acknowledges what one disk has, be it its own.',
    file: SHIPPING,
    find: `reachedBy(Math.min(2, `,
    replace: `reachedBy(Math.min(1, `,
    property: INHERITS,
    profile: 'partitions',
  },
  {
    ...FRESHEST,
    name: 'fences-one-node-too-few',
    bug: 'The operator promotes with one answer less than needed.',
    file: OPERATOR,
    find: 'fenced.length < settings.answers',
    replace: 'fenced.length + 1 < settings.answers',
    property: INHERITS,
    profile: 'partitions',
  },
  {
    ...FRESHEST,
    name: 'stalest-promoted',
    bug: 'The operator takes the shorter log for the fresher one.',
    file: OPERATOR,
    find: 'one.last.index > best.last.index',
    replace: 'one.last.index < best.last.index',
    property: INHERITS,
    profile: 'crashes',
  },
  {
    ...FRESHEST,
    name: 'older-term-promoted',
    bug: 'The operator takes a log that ends in an earlier term for the fresher one.',
    file: OPERATOR,
    find: 'one.last.term > best.last.term ||',
    replace: 'one.last.term < best.last.term ||',
    property: INHERITS,
    profile: 'crashes',
  },
];
