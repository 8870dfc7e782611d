/** The page's script: reads what the report embedded and draws diagram, events and charts around one selection. */
import type { PageData } from '../page-data.ts';
import type { PageTrace } from '../trace-columns.ts';
import { readTrace } from './decode.ts';
import { Diagram } from './diagram.ts';
import { element } from './elements.ts';
import { EventList } from './event-list.ts';
import { listenForKeys } from './keys.ts';
import { fillLegend } from './legend.ts';
import { MeasureCharts } from './measure-charts.ts';
import { Minimap } from './minimap.ts';
import { onSchemeChange, readPalette } from './palette.ts';
import { sceneOf } from './scene.ts';
import { Store } from './store.ts';

async function start(): Promise<void> {
  const embedded = document.getElementById('page-data');
  if (embedded === null) return;
  const page = JSON.parse(embedded.textContent ?? '{}') as PageData;
  const store = new Store(page.opening, page.end);
  let palette = readPalette();
  offerCopy();
  const root = element('charts', HTMLElement);
  const charts =
    root &&
    new MeasureCharts(root, {
      page,
      palette: () => palette,
      jump: (at) => {
        const width = Math.min(page.end / 10, store.view.to - store.view.from);
        store.show(at - width / 2, at + width / 2);
      },
    });
  const trace = await readTrace();
  const redraw = trace === undefined ? (): void => {} : tracePanes(page, trace, store, () => palette);
  charts?.build();
  onSchemeChange(() => {
    palette = readPalette();
    charts?.build();
    redraw();
  });
  addEventListener('resize', () => {
    charts?.resize();
    redraw();
  });
  document.documentElement.dataset['ready'] = 'true';
}

/** Diagram, minimap and list. Returns what draws them again. */
function tracePanes(
  page: PageData,
  trace: PageTrace,
  store: Store,
  palette: () => ReturnType<typeof readPalette>,
): () => void {
  const scene = sceneOf(page, trace);
  const list = new EventList(page, trace, store);
  const canvas = element('diagram', HTMLCanvasElement);
  const small = element('minimap', HTMLCanvasElement);
  const legend = element('legend', HTMLElement);
  const diagram =
    canvas && new Diagram(canvas, { page, trace, scene, store, palette, describe: (row) => list.text(row) });
  const minimap = small && new Minimap(small, { page, scene, store, palette });
  const drawAll = (): void => {
    diagram?.draw();
    minimap?.draw();
    list.update();
    markStep(page, store);
  };
  store.onChange(drawAll);
  if (!store.readHash(trace.at.length)) store.row = failureRow(page);
  addEventListener('hashchange', () => {
    store.readHash(trace.at.length);
    store.changed();
  });
  wireControls(page, trace, store, list);
  const redraw = (): void => {
    if (legend !== undefined) fillLegend(legend, scene, palette());
    diagram?.fit();
    drawAll();
  };
  redraw();
  return redraw;
}

/** The violation; in a run that held the last change of role, or the first fault. */
function failureRow({ steps }: PageData): number {
  const shown = steps.filter(({ row }) => row > 0);
  const step = shown.find(({ kind }) => kind === 'violation') ?? shown.findLast(({ kind }) => kind === 'phase');
  return (step ?? shown[0])?.row ?? 0;
}

function wireControls(page: PageData, trace: PageTrace, store: Store, list: EventList): void {
  const showFailure = (): void => {
    store.select(failureRow(page));
    store.show(page.opening[0], page.opening[1]);
  };
  const showAll = (): void => store.show(0, page.end);
  const goToStep = (number: number): void => {
    const step = page.steps[number - 1];
    if (step === undefined) return;
    if (page.recorded !== undefined && (step.at < page.recorded[0] || step.at > page.recorded[1])) {
      store.miss(step.at);
      return;
    }
    store.select(step.row);
    store.reveal(step.at);
  };
  const search = element('search', HTMLInputElement);
  const keys = element('keys', HTMLElement);
  const toggle = element('show-keys', HTMLButtonElement);
  const showKeys = (shown = keys?.hidden === true): void => {
    if (keys === undefined) return;
    keys.hidden = !shown;
    toggle?.setAttribute('aria-expanded', String(!keys.hidden));
    store.changed();
  };
  search?.addEventListener('input', () => list.search(search.value));
  toggle?.addEventListener('click', () => showKeys());
  element('zoom-failure', HTMLButtonElement)?.addEventListener('click', showFailure);
  element('zoom-all', HTMLButtonElement)?.addEventListener('click', showAll);
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-step]')) {
    button.addEventListener('click', () => goToStep(Number(button.dataset['step'])));
  }
  const selectedAt = (): number | undefined => {
    const at = trace.at[store.row - 1];
    return at !== undefined && at >= store.view.from && at <= store.view.to ? at : undefined;
  };
  const next = (): void => list.step(1);
  const previous = (): void => list.step(-1);
  listenForKeys({
    j: next,
    k: previous,
    ArrowDown: next,
    ArrowUp: previous,
    p: () => list.cause(),
    n: () => list.effect(),
    w: () => store.zoom(0.7, selectedAt()),
    s: () => store.zoom(1 / 0.7, selectedAt()),
    a: () => store.pan(-0.2),
    d: () => store.pan(0.2),
    f: showFailure,
    '0': showAll,
    '/': () => search?.focus(),
    '?': () => showKeys(),
    Escape: () => showKeys(false),
    ...Object.fromEntries(page.steps.map((step) => [String(step.number), () => goToStep(step.number)])),
  });
}

function markStep(page: PageData, store: Store): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-step]')) {
    const step = page.steps[Number(button.dataset['step']) - 1];
    const shown = step !== undefined && (step.row > 0 ? step.row === store.row : step.at === store.missing);
    if (shown) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

function offerCopy(): void {
  const said = element('copy-said', HTMLElement);
  const command = element('replay-command', HTMLElement);
  element('copy-replay', HTMLButtonElement)?.addEventListener('click', () => {
    const text = command?.textContent ?? '';
    const tell = (word: string): void => {
      if (said !== undefined) said.textContent = word;
    };
    const select = (): void => {
      if (command !== undefined) getSelection()?.selectAllChildren(command);
      tell('selected');
    };
    // Clipboards may be closed to files; then the command is at least selected.
    if (navigator.clipboard === undefined) select();
    else navigator.clipboard.writeText(text).then(() => tell('copied'), select);
  });
}

void start();
