/** Diagram, minimap, list and charts: everything that is drawn of the run on the stage, around one selection. */
import { causalPast } from '../causal-past.ts';
import type { PageData } from '../page-data.ts';
import { Diagram } from './diagram.ts';
import type { MovedWindow } from './drag-fault.ts';
import type { PageTrace } from '../trace-columns.ts';
import { element } from './elements.ts';
import { EventList } from './event-list.ts';
import { fillLegend } from './legend.ts';
import { MeasureCharts } from './measure-charts.ts';
import { Minimap } from './minimap.ts';
import { onSchemeChange, readPalette } from './palette.ts';
import type { Stage } from './stage.ts';
import type { Store } from './store.ts';

export class Panes {
  readonly stage: Stage;
  readonly store: Store;
  readonly list: EventList;
  #palette = readPalette();
  readonly #diagram: Diagram | undefined;
  readonly #minimap: Minimap | undefined;
  #charts: MeasureCharts | undefined;
  #past: { readonly key: string; readonly flags: Uint8Array } | undefined;

  constructor(stage: Stage, store: Store) {
    this.stage = stage;
    this.store = store;
    this.list = new EventList(stage, store);
    const palette = (): ReturnType<typeof readPalette> => this.#palette;
    const past = (): Uint8Array | undefined => this.#causalPast();
    const canvas = element('diagram', HTMLCanvasElement);
    const small = element('minimap', HTMLCanvasElement);
    this.#diagram =
      canvas && new Diagram(canvas, { stage, store, palette, past, describe: (row) => this.list.text(row) });
    this.#minimap = small && new Minimap(small, { stage, store, palette });
    store.onChange(() => this.#draw());
    onSchemeChange(() => {
      this.#palette = readPalette();
      this.redraw();
    });
    addEventListener('resize', () => {
      this.#charts?.resize();
      this.fit();
    });
  }

  /** `moved` is told when the reader drags a fault to another window. */
  onWindow(moved: MovedWindow): void {
    this.#diagram?.onWindow(moved);
  }

  /** Everything afresh: at first, when another run is on the stage, when colours change. */
  redraw(): void {
    this.#buildCharts();
    this.fit();
  }

  /** Draws the run that is on the stage now. */
  renew(): void {
    this.store.setEnd(this.stage.page.end);
    this.list.renew();
    this.redraw();
  }

  /** Flags by row, when only the causal past of the selected event is to stand out. */
  #causalPast(): Uint8Array | undefined {
    const { store, stage } = this;
    if (!store.past || store.row === 0) return undefined;
    const key = `${stage.version}:${store.row}`;
    if (this.#past?.key !== key) this.#past = { key, flags: causalPast(stage.trace, store.row) };
    return this.#past.flags;
  }

  /** Sizes the diagram to the room that is left on the screen. */
  fit(): void {
    const legend = element('legend', HTMLElement);
    if (legend !== undefined) fillLegend(legend, this.stage.scene, this.#palette);
    this.#diagram?.fit();
    this.#draw();
  }

  #draw(): void {
    this.#diagram?.draw();
    this.#minimap?.draw();
    this.list.update();
    element('show-past', HTMLButtonElement)?.setAttribute('aria-pressed', String(this.store.past));
    markStep(this.stage.page, this.store);
    markOperation(this.stage.trace, this.store.row);
  }

  #buildCharts(): void {
    const root = element('charts', HTMLElement);
    if (root === undefined) return;
    const { store, stage } = this;
    this.#charts ??= new MeasureCharts(root, {
      page: () => stage.page,
      palette: () => this.#palette,
      jump: (at) => {
        const width = Math.min(stage.page.end / 10, store.view.to - store.view.from);
        store.show(at - width / 2, at + width / 2);
      },
    });
    this.#charts.build(root);
  }
}

function markStep(page: PageData, store: Store): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-step]')) {
    const step = page.steps[Number(button.dataset['step']) - 1];
    const shown = step !== undefined && (step.row > 0 ? step.row === store.row : step.at === store.missing);
    if (shown) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

/** The bar of the operation that the selected event begins or ends. */
function markOperation({ detail }: PageTrace, selected: number): void {
  const idOf = (row: number): string | undefined => /^#\d+ /.exec(detail.get(row) ?? '')?.[0];
  const id = idOf(selected);
  for (const bar of document.querySelectorAll('a.op')) {
    const row = Number(bar.getAttribute('href')?.slice('#e='.length));
    if (id !== undefined && idOf(row) === id) bar.setAttribute('aria-current', 'true');
    else bar.removeAttribute('aria-current');
  }
}
