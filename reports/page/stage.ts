/** The run that the panes show: the recorded one, or what its reader has made of it. */
import type { PageData } from '../page-data.ts';
import type { PageTrace } from '../trace-columns.ts';
import type { Which } from './engine/messages.ts';
import { type Scene, sceneOf } from './scene.ts';

const EMPTY: PageTrace = {
  kinds: [],
  strings: [],
  at: new Float64Array(0),
  kind: new Uint8Array(0),
  node: new Int32Array(0),
  peer: new Int32Array(0),
  label: new Int32Array(0),
  cause: new Int32Array(0),
  sending: new Int32Array(0),
  detail: new Map(),
};

export class Stage {
  page: PageData;
  /** Empty until the page has run a run of which it carries no trace. */
  trace: PageTrace;
  scene: Scene;
  /** Whose events these are. */
  which: Which = 'recorded';
  /** Counts what has been on the stage. */
  version = 0;

  constructor(page: PageData, trace: PageTrace | undefined) {
    this.page = page;
    this.trace = trace ?? EMPTY;
    this.scene = sceneOf(page, this.trace);
  }

  show(which: Which, page: PageData, trace: PageTrace | undefined): void {
    this.which = which;
    this.version++;
    this.page = page;
    this.trace = trace ?? EMPTY;
    this.scene = sceneOf(page, this.trace);
  }
}
