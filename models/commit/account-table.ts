/**
 * The resource that transactions change: accounts with balances that never go below zero, and an exclusive lock on each while a transaction
 * is between vote and decision. A lock that is taken is not waited for: the vote is no, and so nothing can deadlock.
 */
import type { AccountChange } from './commit-protocol.ts';

export interface AccountTable {
  balances: Record<string, number>;
  /** By account: the transaction that has it locked. */
  locks: Record<string, string>;
}

/** Why it cannot be promised that the changes will be made; undefined when it can. */
export function obstacle({ balances, locks }: AccountTable, changes: readonly AccountChange[]): string | undefined {
  for (const { account, by } of changes) {
    const balance = balances[account];
    if (balance === undefined) return `there is no account ${account}`;
    if (locks[account] !== undefined) return `${account} is locked by ${locks[account]}`;
    if (balance + by < 0) return `${account} has ${balance}`;
  }
  return undefined;
}

export function lock(table: AccountTable, id: string, changes: readonly AccountChange[]): void {
  for (const { account } of changes) table.locks[account] = id;
}

export function unlock(table: AccountTable, id: string, changes: readonly AccountChange[]): void {
  for (const { account } of changes) if (table.locks[account] === id) delete table.locks[account];
}

export function apply(table: AccountTable, changes: readonly AccountChange[]): void {
  for (const { account, by } of changes) table.balances[account] = (table.balances[account] ?? 0) + by;
}
