/** The protocol of key-value stores: what clients, caches, limiters and balancers in front of one speak. */

/** Values are any JSON value; the models compare them by their canonical text. */
export type KvValue = unknown;

export interface KvFound {
  readonly found: boolean;
  /** Absent when not found. */
  readonly value?: KvValue;
}

export interface KvProtocol {
  get(payload: { readonly key: string }): KvFound;
  put(payload: { readonly key: string; readonly value: KvValue }): Record<never, never>;
  /** Writes `to` if the value is `from`; `from` null also matches an absent key. */
  cas(payload: { readonly key: string; readonly from: KvValue; readonly to: KvValue }): { readonly swapped: boolean };
  /** Adds to a number; an absent key counts as 0. */
  add(payload: { readonly key: string; readonly by: number }): { readonly value: number };
  remove(payload: { readonly key: string }): Record<never, never>;
  health(payload: Record<never, never>): { readonly ok: true };
}
