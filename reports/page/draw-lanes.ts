/** Draws what lies under the messages: time grid, fault bands, lanes, phases, operations. */
import { printable } from '../markup.ts';
import type { PageData } from '../page-data.ts';
import { type Geometry, type Strip, stripY, ticks, tickText } from './geometry.ts';
import { type ColourName, type Palette, SANS } from './palette.ts';
import type { OperationBar, PhaseBar, Scene } from './scene.ts';

export interface Canvas {
  readonly pen: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly geometry: Geometry;
}

export const hueOf = (hue: number): ColourName => `hue-${hue}` as ColourName;

export function drawGrid({ pen, palette, geometry }: Canvas): void {
  const { at, step } = ticks(geometry);
  pen.font = `12px ${SANS}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.lineWidth = 1;
  for (const tick of at) {
    const x = Math.round(geometry.x(tick)) + 0.5;
    pen.strokeStyle = palette.line;
    line(pen, x, geometry.top - 4, x, geometry.bottom);
    const text = tickText(tick, step);
    const half = pen.measureText(text).width / 2;
    if (x - half < geometry.left || x + half > geometry.width - 2) continue;
    pen.fillStyle = palette.quiet;
    pen.fillText(text, x, geometry.bottom + 13);
  }
}

export function line(pen: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

/** Bands on the lanes that a fault aims at, and its name on a bar above all lanes. */
export function drawFaults({ pen, palette, geometry }: Canvas, page: PageData, strips: readonly Strip[]): void {
  const lanes = new Map(page.lanes.map(({ node }, lane) => [node, lane]));
  for (const { fault, row } of strips) {
    const from = Math.max(geometry.left, geometry.x(fault.at));
    const to = Math.min(geometry.right, Math.max(from + 2, geometry.x(fault.until)));
    const colour = palette[hueOf(fault.hue)];
    pen.fillStyle = colour;
    pen.globalAlpha = 0.13;
    for (const node of fault.nodes) {
      const lane = lanes.get(node);
      if (lane !== undefined)
        pen.fillRect(from, geometry.y(lane) - geometry.laneHeight / 2 + 1, to - from, geometry.laneHeight - 2);
    }
    pen.globalAlpha = 1;
    const y = stripY(row);
    pen.fillRect(from, y, to - from, 2);
    pen.font = `600 12px ${SANS}`;
    pen.textAlign = 'left';
    pen.textBaseline = 'bottom';
    const text = printable(`${fault.id} ${fault.text}`);
    const room = geometry.right - from;
    if (room > 40) pen.fillText(fitted(pen, text, room), from + 1, y - 1);
  }
}

/** The text, or as much of its beginning as fits. */
function fitted(pen: CanvasRenderingContext2D, text: string, room: number): string {
  if (pen.measureText(text).width <= room) return text;
  let kept = text.slice(0, 200);
  while (kept.length > 1 && pen.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

export function drawLanes(canvas: Canvas, page: PageData, scene: Scene): void {
  const { pen, palette, geometry } = canvas;
  for (const [lane, { node, client }] of page.lanes.entries()) {
    const y = Math.round(geometry.y(lane)) + 0.5;
    pen.strokeStyle = palette.lane;
    pen.lineWidth = 1;
    if (client && scene.operations[lane]?.length !== 0) pen.setLineDash([1, 3]);
    line(pen, geometry.left, y, geometry.right, y);
    pen.setLineDash([]);
    pen.font = `${Math.min(13, geometry.laneHeight)}px ${SANS}`;
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    pen.fillStyle = palette.ink;
    pen.fillText(fitted(pen, printable(node), geometry.left - 16), geometry.left - 10, y);
    for (const bar of scene.phases[lane] ?? []) drawPhase(canvas, bar, y);
    for (const bar of scene.operations[lane] ?? []) drawOperation(canvas, bar, y);
  }
}

function drawPhase({ pen, palette, geometry }: Canvas, { from, to, phase, rank }: PhaseBar, y: number): void {
  const { view } = geometry;
  if (to < view.from || from > view.to || rank === 'ordinary') return;
  const x1 = Math.max(geometry.left, geometry.x(from));
  const x2 = Math.min(geometry.right, geometry.x(to));
  if (rank === 'down') {
    pen.strokeStyle = palette.bg;
    pen.lineWidth = 3;
    line(pen, x1, y, x2, y);
    pen.strokeStyle = palette.bad;
    pen.lineWidth = 1.5;
    pen.setLineDash([2, 5]);
    line(pen, x1, y, x2, y);
    pen.setLineDash([]);
  } else {
    pen.fillStyle = rank === 'leading' ? palette.good : palette.warn;
    const half = rank === 'leading' ? 3 : 2;
    pen.fillRect(x1, y - half, Math.max(1, x2 - x1), half * 2);
  }
  if (x2 - x1 < 60 || geometry.laneHeight < 18) return;
  pen.font = `600 11px ${SANS}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'bottom';
  pen.fillStyle = rank === 'down' ? palette.bad : rank === 'leading' ? palette.good : palette.warn;
  haloText(pen, palette, fitted(pen, phase, x2 - x1 - 6), x1 + 3, y - 3);
}

/** Text with an edge of background, legible over lines. */
export function haloText(pen: CanvasRenderingContext2D, palette: Palette, text: string, x: number, y: number): void {
  pen.strokeStyle = palette.bg;
  pen.lineWidth = 3;
  pen.lineJoin = 'round';
  pen.strokeText(text, x, y);
  pen.fillText(text, x, y);
}

/** From invocation to completion; an end that nobody knows stays open. */
function drawOperation({ pen, palette, geometry }: Canvas, bar: OperationBar, y: number): void {
  const { view } = geometry;
  if (bar.to < view.from || bar.from > view.to) return;
  const x1 = Math.max(geometry.left, geometry.x(bar.from));
  const x2 = Math.max(x1 + 1.5, Math.min(geometry.right, geometry.x(bar.to)));
  const half = Math.min(5, geometry.laneHeight / 2 - 2);
  const known = bar.outcome === 'ok' || bar.outcome === 'fail';
  pen.fillStyle = bar.contradicts ? palette.bad : palette.accent;
  pen.globalAlpha = bar.contradicts ? 0.3 : 0.14;
  pen.fillRect(x1, y - half, x2 - x1, half * 2);
  pen.globalAlpha = bar.contradicts ? 1 : 0.55;
  pen.strokeStyle = bar.contradicts ? palette.bad : palette.accent;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x2, y - half);
  pen.lineTo(x1, y - half);
  pen.lineTo(x1, y + half);
  pen.lineTo(x2, y + half);
  if (known) pen.closePath();
  pen.stroke();
  pen.globalAlpha = 1;
}

/** What was asked and answered, beside the bars that contradict each other; drawn last, so that nothing covers it. */
export function drawContradiction(canvas: Canvas, scene: Scene): void {
  const { pen, palette, geometry } = canvas;
  if (geometry.laneHeight < 16) return;
  pen.font = `600 12px ${SANS}`;
  pen.textBaseline = 'middle';
  pen.fillStyle = palette.bad;
  for (const [lane, bars] of scene.operations.entries()) {
    for (const bar of bars) {
      if (!bar.told || !bar.contradicts || bar.to < geometry.view.from || bar.from > geometry.view.to) continue;
      const x1 = Math.max(geometry.left, geometry.x(bar.from));
      const x2 = Math.min(geometry.right, geometry.x(bar.to));
      const width = pen.measureText(bar.text).width;
      const before = x1 - width - 16 > geometry.left;
      pen.textAlign = before ? 'right' : 'left';
      const room = before ? width : geometry.right - x2 - 20;
      haloText(pen, palette, fitted(pen, bar.text, room), before ? x1 - 14 : x2 + 14, geometry.y(lane));
    }
  }
}
