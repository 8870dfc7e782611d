import type { OrderFinding } from '../../sim/search/orders/order-finding.ts';
import type { OrderSummary } from '../../sim/search/orders/explore-orders.ts';

/** What an exploration of orders came to. */
export interface OrderReport extends OrderSummary {
  readonly question: string;
  /** Of all runs but those spent on minimising, µs; events handled. */
  readonly virtualTime: number;
  readonly events: number;
}

/** An exploration to be reported. */
export interface OrderEntry {
  readonly summary: OrderReport;
  /** In the order of the summary's findings. */
  readonly findings: readonly OrderFindingEntry[];
}

export interface OrderFindingEntry {
  readonly finding: OrderFinding;
  /** The command that runs it again, as typed; absent when the run breaks off. */
  readonly replayCommand?: string;
  /** Address of its page, relative to the report. */
  readonly page?: string;
  /** The same for the reader of the terminal: relative to where the command ran. */
  readonly pagePath?: string;
}
