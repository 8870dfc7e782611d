/** Progress of a search on stderr: a line that is renewed every second on a terminal, else one every ten seconds and with each finding. */
import { searchProgress } from '../../reports/index.ts';
import type { Terminal } from '../terminal.ts';
import type { SearchRun } from './search-run.ts';

const EVERY_MS = 1_000;
/** Where the line stays, every so many of them, and whenever there is something new. */
const QUIET = 10;

/** Begins to report; what it returns ends it, with a last line that stays. */
export function reportProgress(search: SearchRun, terminal: Terminal): () => void {
  const began = performance.now();
  const { live, err } = terminal;
  const line = (): string =>
    searchProgress({
      schedules: search.tally.schedules,
      virtualTime: search.tally.virtualTime,
      findings: search.findings.found.length,
      elapsedMs: performance.now() - began,
    });
  let ticks = 0;
  let shown = 0;
  const timer = setInterval(() => {
    const found = search.findings.found.length;
    ticks++;
    if (live !== undefined) live(line());
    else if (ticks % QUIET === 0 || found > shown) err(line());
    shown = found;
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    live?.('');
    err(line());
  };
}
