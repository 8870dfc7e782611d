/** The space-time diagram: draws itself from the store, and turns pointer and wheel into changes of the store. */
import { grouped, instant } from '../quantity.ts';
import { type Canvas, drawContradiction, drawFaults, drawGrid, drawLanes } from './draw-lanes.ts';
import { drawSelection, drawSteps, drawViolation } from './draw-marks.ts';
import { drawDensity, drawMessages, isDense, visibleMessages } from './draw-messages.ts';
import { cursorOf, type HeldWindow, type MovedWindow, movedTo, windowAt } from './drag-fault.ts';
import { drawUnrecorded } from './draw-unrecorded.ts';
import { type Geometry, geometryOf, type Strip, stripsIn } from './geometry.ts';
import { element } from './elements.ts';
import { type Palette, SANS } from './palette.ts';
import type { Stage } from './stage.ts';
import type { Store } from './store.ts';
import { Tip } from './tip.ts';

const SMALLEST_LANE = 13;
const LARGEST_LANE = 42;
/** Below the diagram: the legend and a little air. */
const BELOW = 40;
/** A pointer this near to a line means it, in pixels. */
const NEAR = 7;

export interface DiagramParts {
  readonly stage: Stage;
  readonly store: Store;
  palette(): Palette;
  /** By row, whether it is to stand out; absent: all are. */
  past(): Uint8Array | undefined;
  describe(row: number): string;
}

export class Diagram {
  readonly #canvas: HTMLCanvasElement;
  readonly #parts: DiagramParts;
  readonly #tip = new Tip();
  #geometry: Geometry | undefined;
  #laneHeight = 0;
  #moved: MovedWindow | undefined;
  /** The fault that is being dragged, and where to. */
  #held: (HeldWindow & { readonly to: { readonly at: number; readonly until: number } }) | undefined;

  constructor(canvas: HTMLCanvasElement, parts: DiagramParts) {
    this.#canvas = canvas;
    this.#parts = parts;
    this.#listen();
  }

  /** Lanes as high as the screen leaves room for. */
  fit(): void {
    const top = this.#canvas.getBoundingClientRect().top + window.scrollY;
    const room = window.innerHeight - top - BELOW - 24 - 22 - 34;
    const fair = Math.floor(room / Math.max(1, this.#parts.stage.page.lanes.length));
    this.#laneHeight = Math.min(LARGEST_LANE, Math.max(SMALLEST_LANE, fair));
  }

  /** From now on faults can be dragged. */
  onWindow(moved: MovedWindow): void {
    this.#moved = moved;
  }

  draw(): void {
    const { stage, store } = this.#parts;
    const { page, trace, scene } = stage;
    const pen = this.#canvas.getContext('2d');
    if (pen === null) return;
    if (this.#laneHeight === 0) this.fit();
    const strips = this.#strips();
    pen.font = `13px ${SANS}`;
    const names = page.lanes.map(({ node }) => pen.measureText(node).width);
    const geometry = geometryOf({
      width: this.#canvas.clientWidth,
      gutter: Math.min(130, Math.max(44, ...names) + 22),
      laneHeight: this.#laneHeight,
      lanes: page.lanes.length,
      stripRows: this.#stripRows(),
      view: store.view,
    });
    this.#geometry = geometry;
    prepare(this.#canvas, pen, geometry.height);
    const canvas: Canvas = { pen, palette: this.#parts.palette(), geometry };
    drawGrid(canvas);
    drawFaults(canvas, page, strips);
    const visible = visibleMessages(canvas, scene.messages);
    const dense = isDense(visible);
    if (dense) drawDensity(canvas, scene.messages, visible);
    drawLanes(canvas, page, scene);
    drawMessages(canvas, scene, trace, visible, this.#parts.past());
    drawUnrecorded(pen, canvas.palette, geometry, page);
    drawViolation(canvas, page);
    drawSelection(canvas, scene, trace, store.row);
    drawContradiction(canvas, scene);
    drawSteps(canvas, page, strips);
    const said = element('view-said', HTMLElement);
    const { from, to } = store.view;
    const shown = `${instant(Math.max(0, Math.round(from)))} – ${instant(Math.round(Math.min(to, page.end)))}`;
    if (said !== undefined)
      said.textContent = `${shown} · ${grouped(visible.length)} messages${dense ? ', drawn as density' : ''}${page.lanesOmitted > 0 ? ` · ${page.lanesOmitted} nodes not shown` : ''}`;
  }

  /** A fault in hand is drawn where it would go. */
  #strips(): readonly Strip[] {
    const { stage, store } = this.#parts;
    const strips = stripsIn(stage.page, store.view);
    const held = this.#held;
    if (held === undefined) return strips;
    return strips.map((strip) =>
      strip.fault.id === held.fault.id ? { ...strip, fault: { ...strip.fault, ...held.to } } : strip,
    );
  }

  /** The same for every window, so that zooming does not make the lanes jump. */
  #stripRows(): number {
    const { page } = this.#parts.stage;
    return Math.max(0, ...stripsIn(page, { from: 0, to: page.end }).map(({ row }) => row + 1));
  }

  #listen(): void {
    const canvas = this.#canvas;
    const { store } = this.#parts;
    let drag: { x: number; from: number; to: number; moved: boolean } | undefined;
    canvas.addEventListener('pointerdown', (event) => {
      if (this.#take(event)) return;
      drag = { x: event.offsetX, ...store.view, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (this.#held !== undefined) {
        this.#carry(event);
        return;
      }
      if (drag === undefined) {
        this.#hover(event);
        return;
      }
      const geometry = this.#geometry;
      if (geometry === undefined || (!drag.moved && Math.abs(event.offsetX - drag.x) < 4)) return;
      drag.moved = true;
      const shift = ((event.offsetX - drag.x) * (drag.to - drag.from)) / (geometry.right - geometry.left);
      store.show(drag.from - shift, drag.to - shift);
    });
    canvas.addEventListener('pointerup', (event) => {
      if (this.#put()) return;
      if (drag?.moved === false) this.#click(event);
      drag = undefined;
    });
    canvas.addEventListener('pointerleave', () => this.#tip.hide());
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const sideways = event.shiftKey ? event.deltaY : event.deltaX;
        if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) store.pan(sideways / 1000);
        else store.zoom(Math.exp(Math.max(-0.6, Math.min(0.6, event.deltaY / 300))), this.#geometry?.at(event.offsetX));
      },
      { passive: false },
    );
  }

  /** Takes hold of the fault under the pointer. */
  #take(event: PointerEvent): boolean {
    const held = this.#windowAt(event);
    if (held === undefined) return false;
    this.#held = { ...held, to: { at: held.at, until: held.until } };
    this.#canvas.setPointerCapture(event.pointerId);
    return true;
  }

  #carry(event: PointerEvent): void {
    const [held, geometry] = [this.#held, this.#geometry];
    if (held === undefined || geometry === undefined) return;
    const to = movedTo(held, geometry, event.offsetX);
    this.#held = { ...held, to };
    this.#tip.show(`${held.fault.id}: ${instant(to.at)} – ${instant(to.until)}`, event.clientX, event.clientY);
    this.#parts.store.changed();
  }

  #put(): boolean {
    const held = this.#held;
    if (held === undefined) return false;
    this.#held = undefined;
    this.#tip.hide();
    const { at, until } = held.to;
    if (at !== held.at || until !== held.until) this.#moved?.(held.fault.id, at, until);
    return true;
  }

  #windowAt(event: PointerEvent): HeldWindow | undefined {
    const geometry = this.#geometry;
    if (geometry === undefined || this.#moved === undefined) return undefined;
    return windowAt(geometry, stripsIn(this.#parts.stage.page, this.#parts.store.view), event.offsetX, event.offsetY);
  }

  #hover(event: PointerEvent): void {
    this.#canvas.style.cursor = cursorOf(this.#windowAt(event));
    const row = this.#rowNear(event.offsetX, event.offsetY);
    if (row === 0) this.#tip.hide();
    else this.#tip.show(this.#parts.describe(row), event.clientX, event.clientY);
  }

  #click(event: PointerEvent): void {
    const row = this.#rowNear(event.offsetX, event.offsetY);
    const geometry = this.#geometry;
    if (geometry === undefined || event.offsetX < geometry.left) return;
    const { stage, store } = this.#parts;
    const before = row > 0 ? row : lastBefore(stage.trace.at, geometry.at(event.offsetX));
    if (before > 0) store.select(before);
  }

  /** The message or operation under the pointer: the row of its end (or of its sending, when that is nearer); 0 for none. */
  #rowNear(x: number, y: number): number {
    const geometry = this.#geometry;
    if (geometry === undefined || x < geometry.left) return 0;
    const { messages, operations } = this.#parts.stage.scene;
    let best = NEAR;
    let row = 0;
    for (let i = 0; i < messages.count; i++) {
      const [sent, ended] = [messages.sentAt[i] as number, messages.endAt[i] as number];
      if (ended < geometry.view.from || sent > geometry.view.to) continue;
      const [x1, y1] = [geometry.x(sent), geometry.y(messages.from[i] as number)];
      const [x2, y2] = [geometry.x(ended), geometry.y(messages.to[i] as number)];
      const { distance, share } = distanceTo(x, y, x1, y1, x2, y2);
      if (distance >= best) continue;
      best = distance;
      row = (share < 0.3 ? messages.sendRow[i] : messages.endRow[i]) as number;
    }
    if (row > 0) return row;
    const lane = Math.floor((y - geometry.top) / geometry.laneHeight);
    return operations[lane]?.find((bar) => geometry.x(bar.from) <= x && geometry.x(bar.to) >= x)?.row ?? 0;
  }
}

/** Sizes the canvas for the screen's pixels and clears it. */
export function prepare(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D, height: number): void {
  const ratio = window.devicePixelRatio || 1;
  const [width, tall] = [Math.round(canvas.clientWidth * ratio), Math.round(height * ratio)];
  if (canvas.width !== width || canvas.height !== tall) {
    canvas.width = width;
    canvas.height = tall;
    canvas.style.height = `${height + 2}px`;
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, height);
}

/** The last row at or before an instant, 0 when there is none. */
function lastBefore(times: Float64Array, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function distanceTo(
  x: number,
  y: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): { distance: number; share: number } {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / Math.max(1e-9, dx * dx + dy * dy)));
  return { distance: Math.hypot(x - x1 - share * dx, y - y1 - share * dy), share };
}
