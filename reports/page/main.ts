/** The page's script: draws what the report embedded, and runs the run again where the page carries the simulator. */
import type { PageData } from '../page-data.ts';
import { failureRow, offerCopy, wireControls } from './controls.ts';
import { readJson, readTrace } from './decode.ts';
import { Engine } from './engine/engine.ts';
import { Panes } from './panes.ts';
import { rerun } from './rerun.ts';
import { Stage } from './stage.ts';
import { Store } from './store.ts';
import { readParts } from './written-parts.ts';

async function start(): Promise<void> {
  const page = await readJson<PageData>('page-data');
  if (page === undefined) return;
  // Before anything is drawn into them.
  const parts = readParts();
  offerCopy();
  const trace = await readTrace();
  const store = new Store(page.opening, page.end);
  const stage = new Stage(page, trace);
  const drawn = document.getElementById('event-list') !== null;
  const panes = drawn ? new Panes(stage, store) : undefined;
  if (panes !== undefined) {
    const open = (): boolean => {
      const found = store.readHash(stage.trace.at.length);
      // A link to an event alone: its instant comes into view.
      if (found && !location.hash.includes('v=')) store.reveal(stage.trace.at[store.row - 1] ?? 0);
      return found;
    };
    if (!open()) store.row = failureRow(page);
    addEventListener('hashchange', () => {
      open();
      store.changed();
    });
    wireControls(panes);
    panes.redraw();
  }
  const engine = Engine.inPage();
  const again = engine === undefined || panes === undefined ? undefined : rerun({ engine, panes, parts, trace });
  // A page that has to make its trace is ready when it has.
  if (trace === undefined) await again;
  markReady();
}

const markReady = (): void => {
  performance.mark('ready');
  document.documentElement.dataset['ready'] = 'true';
};

void start();
