/** Progress of a search on stderr: a line that is renewed every second on a terminal, else one every ten seconds and with each finding. */
import { searchProgress, type ProgressOfSearch } from '../../reports/index.ts';
import type { Terminal } from '../terminal.ts';

const EVERY_MS = 1_000;
/** Where the line stays, every so many of them, and whenever there is something new. */
const QUIET = 10;

export interface InProgress {
  readonly progress: Omit<ProgressOfSearch, 'elapsedMs'>;
}

/** Begins to report; what it returns ends it, with a last line that stays. */
export function reportProgress(search: InProgress, terminal: Terminal): () => void {
  const began = performance.now();
  const { live, err } = terminal;
  const line = (): string => searchProgress({ ...search.progress, elapsedMs: performance.now() - began });
  let ticks = 0;
  let shown = 0;
  const timer = setInterval(() => {
    const { findings } = search.progress;
    ticks++;
    if (live !== undefined) live(line());
    else if (ticks % QUIET === 0 || findings > shown) err(line());
    shown = findings;
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    live?.('');
    err(line());
  };
}
