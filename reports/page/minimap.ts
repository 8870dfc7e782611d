/** The whole run at a glance: faults, traffic, drops, the failure, and the window that the diagram shows. */
import { hueOf } from './draw-lanes.ts';
import { prepare } from './diagram.ts';
import { drawUnrecorded } from './draw-unrecorded.ts';
import type { Palette } from './palette.ts';
import { DROPPED, type Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import type { Store } from './store.ts';

const HEIGHT = 44;
const STRIPS = 14;
const MOST_ROWS = 4;

export interface MinimapParts {
  readonly stage: Stage;
  readonly store: Store;
  palette(): Palette;
}

export class Minimap {
  readonly #canvas: HTMLCanvasElement;
  readonly #parts: MinimapParts;
  #counts: { scene: Scene; width: number; sent: Float64Array; dropped: Float64Array } | undefined;

  constructor(canvas: HTMLCanvasElement, parts: MinimapParts) {
    this.#canvas = canvas;
    this.#parts = parts;
    const { store, stage } = parts;
    const jump = (event: PointerEvent): void => {
      const width = store.view.to - store.view.from;
      const at = (event.offsetX / canvas.clientWidth) * stage.page.end;
      store.show(at - width / 2, at + width / 2);
    };
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      jump(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) jump(event);
    });
  }

  draw(): void {
    const pen = this.#canvas.getContext('2d');
    if (pen === null) return;
    const { store } = this.#parts;
    const { page } = this.#parts.stage;
    const palette = this.#parts.palette();
    prepare(this.#canvas, pen, HEIGHT);
    const width = this.#canvas.clientWidth;
    const x = (at: number): number => (at / page.end) * width;
    for (const [i, fault] of page.faults.filter(({ effective }) => effective).entries()) {
      pen.fillStyle = palette[hueOf(fault.hue)];
      pen.fillRect(x(fault.at), (i % MOST_ROWS) * 3.5, Math.max(2, x(fault.until) - x(fault.at)), 2);
    }
    this.#drawTraffic(pen, palette, width);
    drawUnrecorded(pen, palette, { left: 0, right: width, top: STRIPS, bottom: HEIGHT, x }, page);
    if (page.failedAt !== undefined) {
      pen.fillStyle = palette.bad;
      pen.fillRect(x(page.failedAt) - 0.75, 0, 1.5, HEIGHT);
    }
    const from = x(Math.max(0, store.view.from));
    const to = Math.max(from + 4, x(Math.min(page.end, store.view.to)));
    pen.fillStyle = palette.accent;
    pen.globalAlpha = 0.14;
    pen.fillRect(from, 0, to - from, HEIGHT);
    pen.globalAlpha = 1;
    pen.strokeStyle = palette.accent;
    pen.lineWidth = 1.5;
    pen.strokeRect(from + 0.75, 0.75, Math.max(2.5, to - from - 1.5), HEIGHT - 1.5);
  }

  #drawTraffic(pen: CanvasRenderingContext2D, palette: Palette, width: number): void {
    const { sent, dropped } = this.#traffic(Math.max(1, Math.floor(width / 3)));
    const most = Math.max(1, ...sent);
    const tall = HEIGHT - STRIPS - 2;
    for (let column = 0; column < sent.length; column++) {
      const height = (tall * (sent[column] as number)) / most;
      pen.fillStyle = palette.lane;
      pen.fillRect(column * 3, HEIGHT - height, 2, height);
      const lost = (tall * (dropped[column] as number)) / most;
      if (lost === 0) continue;
      pen.fillStyle = palette.bad;
      pen.fillRect(column * 3, HEIGHT - Math.max(1.5, lost), 2, Math.max(1.5, lost));
    }
  }

  #traffic(columns: number): { sent: Float64Array; dropped: Float64Array } {
    const { page, scene } = this.#parts.stage;
    if (this.#counts?.width === columns && this.#counts.scene === scene) return this.#counts;
    const sent = new Float64Array(columns);
    const dropped = new Float64Array(columns);
    const { count, sentAt, fate } = scene.messages;
    for (let i = 0; i < count; i++) {
      const column = Math.min(columns - 1, Math.floor(((sentAt[i] as number) / page.end) * columns));
      sent[column] = (sent[column] as number) + 1;
      if (fate[i] === DROPPED) dropped[column] = (dropped[column] as number) + 1;
    }
    this.#counts = { scene, width: columns, sent, dropped };
    return this.#counts;
  }
}
