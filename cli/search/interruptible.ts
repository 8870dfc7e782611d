/** Work that reports its progress and can be ended by Ctrl-C. */
import { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { reportProgress, type InProgress } from './progress.ts';

export interface Interruptible extends InProgress {
  readonly interrupted: boolean;
  /** Ends what is under way as soon as possible; what was found until then is kept. */
  interrupt(): void;
}

/** The first Ctrl-C ends the search and keeps what was found; the second one ends everything. */
export async function runToEnd<T>(search: Interruptible, terminal: Terminal, work: () => Promise<T>): Promise<T> {
  const interrupt = (): void => {
    if (search.interrupted) process.exit(ExitCode.interrupted);
    terminal.err('interrupted: writing what was found; Ctrl-C again ends at once');
    search.interrupt();
  };
  const done = reportProgress(search, terminal);
  process.on('SIGINT', interrupt);
  try {
    return await work();
  } finally {
    process.off('SIGINT', interrupt);
    done();
  }
}
