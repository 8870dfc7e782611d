import type { Divergence } from '../../sim/search/determinism.ts';
import type { Finding, SearchSummary } from '../../sim/search/summary.ts';

/** A search to be reported. */
export interface SearchEntry {
  readonly summary: SearchSummary;
  /** In the order of the summary's findings. */
  readonly findings: readonly FindingEntry[];
  /** Failures that nobody looked into, because the search was ended. Default 0. */
  readonly unexamined?: number;
  /** Runs that were repeated in a fresh worker, and which of them differed. */
  readonly determinism?: {
    readonly checked: number;
    readonly diverged: readonly { readonly index: number; readonly divergence: Divergence }[];
  };
}

export interface FindingEntry {
  readonly finding: Finding;
  /** The command that runs it again, as typed. */
  readonly replayCommand: string;
  /** Address of its page, relative to the report. */
  readonly page?: string;
  /** The same for the reader of the terminal: relative to where the command ran. */
  readonly pagePath?: string;
}
