/**
 * Conservation: what is only moved about stays as much as it was. The bank test of Jepsen (Kingsbury): transfers between accounts, and
 * reads of all of them; every read must see all accounts and none besides, each with a number, none below zero, and the
 * right sum. Reads that ended ok are judged, O(n · accounts).
 */
import { canonicalJson } from '../../base/json.ts';
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Check, RunView } from '../check.ts';
import type { Verdict } from '../verdict.ts';

export interface ConservationOptions {
  /** What every read must see, by account, in sum. */
  readonly total: number;
  readonly accounts: readonly string[];
  /** Whether an account may be overdrawn. Default false. */
  readonly mayBeNegative?: boolean;
  /** The operation whose output is the balance of each account. Default `read`. */
  readonly f?: string;
  /** Default `nothing is created or lost`. */
  readonly name?: string;
}

/** Violated by a read that misses an account, knows another, or sees a sum that is not the total. Throws ConfigError. */
export function conservation(options: ConservationOptions): Check {
  const { total, accounts, f = 'read', name = 'nothing is created or lost' } = options;
  if (!Number.isFinite(total)) throw new ConfigError('conservation: total', total, 'a number');
  if (accounts.length === 0) throw new ConfigError('conservation: accounts', accounts, 'at least one name');
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const reads = view.operations.filter((op) => op.f === f && op.outcome === 'ok' && op.output !== undefined);
    for (const read of reads) {
      const wrong = wrongIn(read, options);
      if (wrong === undefined) continue;
      const sentence = `${read.client} saw ${canonicalJson(read.output)} (#${read.id}): ${wrong}`;
      const witness = {
        sentence,
        at: read.completedAt,
        operations: [read.id],
        mandatory: [read.id],
        ...(read.node === undefined ? {} : { nodes: [read.node] }),
        facts: { total, seen: read.output },
      };
      return { ...base, status: 'violated', message: sentence, witness };
    }
    if (reads.length === 0) return { ...base, status: 'undecided', message: `no ${f} ended ok: nobody looked` };
    return { ...base, status: 'held', message: `${total} in ${reads.length} reads of ${accounts.length} accounts` };
  };
  return {
    name,
    kind: 'history',
    promise: `every ${f} sees ${total} in ${accounts.length} accounts`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

function wrongIn({ output }: Operation, options: ConservationOptions): string | undefined {
  const { total, accounts, mayBeNegative = false } = options;
  if (typeof output !== 'object' || output === null) return 'no balances';
  const balances = output instanceof Map ? (output as ReadonlyMap<string, unknown>) : new Map(Object.entries(output));
  for (const account of balances.keys()) if (!accounts.includes(account)) return `there is no account ${account}`;
  let sum = 0;
  for (const account of accounts) {
    const balance = balances.get(account);
    if (typeof balance !== 'number' || !Number.isFinite(balance)) return `account ${account} has no balance`;
    if (balance < 0 && !mayBeNegative) return `account ${account} is overdrawn`;
    sum += balance;
  }
  return sum === total ? undefined : `the sum is ${sum}, not ${total}`;
}
