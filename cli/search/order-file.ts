import type { OrderReport } from '../../reports/index.ts';

/** What an exploration of orders leaves behind, as it is written. */
export interface OrderFile extends OrderReport {
  readonly schemaVersion: 1;
  readonly kind: 'orders';
  /** The user's scenario file, when it is not a bundled one: relative to this file; and as it was named. */
  readonly file?: string | undefined;
  readonly given?: string | undefined;
}
