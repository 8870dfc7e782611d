/** Draws messages: lines while they can be told apart, density above that; drops and what led to the failure always. */
import { printable } from '../markup.ts';
import type { PageTrace } from '../trace-columns.ts';
import { type Canvas, haloText, line } from './draw-lanes.ts';
import { SANS } from './palette.ts';
import { DELIVERED, DROPPED, type Messages, type Scene } from './scene.ts';

/** More lines than this are a smear, and slow. */
const MOST_LINES = 6_000;
const MOST_ARROWS = 900;
const MOST_LABELS = 70;
const MOST_CROSSES = 250;
/** A line that is narrower than this has no room for its name, in pixels. */
const NARROW = 26;

/** Whether so many messages are drawn as density, under the lanes. */
export const isDense = (visible: readonly number[]): boolean => visible.length > MOST_LINES;

/** `past`: by row, whether it is to stand out; without it all messages are alike. */
export function drawMessages(
  canvas: Canvas,
  scene: Scene,
  trace: PageTrace,
  visible: readonly number[],
  past: Uint8Array | undefined,
): void {
  const { messages } = scene;
  const isPast = (i: number): boolean => past === undefined || past[messages.endRow[i] as number] === 1;
  const [strong, faint] = [visible.filter(isPast), visible.filter((i) => !isPast(i))];
  if (!isDense(faint)) drawLines(canvas, scene, faint, 0.16);
  if (!isDense(strong)) drawLines(canvas, scene, strong, past === undefined ? 1 : 1.6);
  drawDrops(canvas, messages, past === undefined ? visible : strong);
  drawHighlights(canvas, scene, strong);
  if (strong.length <= MOST_LABELS) drawLabels(canvas, scene, trace, strong);
}

export function visibleMessages({ geometry: { view } }: Canvas, { count, sentAt, endAt }: Messages): number[] {
  const visible: number[] = [];
  for (let i = 0; i < count; i++) {
    if ((endAt[i] as number) >= view.from && (sentAt[i] as number) <= view.to) visible.push(i);
  }
  return visible;
}

const isStrong = (scene: Scene, i: number): boolean =>
  scene.highlighted.has(scene.messages.sendRow[i] as number) && scene.messages.fate[i] === DELIVERED;

/** One path per colour: a frame strokes a handful of paths, not thousands. */
function drawLines(canvas: Canvas, scene: Scene, visible: readonly number[], strength: number): void {
  const { pen, palette, geometry } = canvas;
  const { messages, families } = scene;
  const arrows = visible.length <= MOST_ARROWS;
  const crowd = Math.min(1, 160 / Math.max(1, visible.length));
  pen.lineWidth = 1;
  pen.save();
  clip(canvas);
  for (const [family, { colour }] of families.entries()) {
    pen.strokeStyle = pen.fillStyle = palette[colour];
    pen.globalAlpha = Math.min(1, (0.32 + 0.38 * crowd) * strength);
    pen.beginPath();
    for (const i of visible) {
      if (messages.family[i] !== family || messages.fate[i] !== DELIVERED) continue;
      const x1 = geometry.x(messages.sentAt[i] as number);
      const y1 = geometry.y(messages.from[i] as number);
      const x2 = geometry.x(messages.endAt[i] as number);
      const y2 = geometry.y(messages.to[i] as number);
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
      if (arrows) arrow(pen, x1, y1, x2, y2, 5);
    }
    pen.stroke();
  }
  pen.restore();
}

function clip({ pen, geometry }: Canvas): void {
  pen.beginPath();
  pen.rect(geometry.left, 0, geometry.right - geometry.left, geometry.bottom);
  pen.clip();
}

/** Adds an arrow head at the end of the line to the path. */
function arrow(pen: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number, size: number): void {
  const direction = Math.atan2(y2 - y1, x2 - x1);
  for (const side of [-0.42, 0.42]) {
    pen.moveTo(x2, y2);
    pen.lineTo(x2 - size * Math.cos(direction + side), y2 - size * Math.sin(direction + side));
  }
}

/** Arrivals per lane and two pixels, as bars on the lane. */
export function drawDensity({ pen, palette, geometry }: Canvas, messages: Messages, visible: readonly number[]): void {
  const columns = Math.ceil((geometry.right - geometry.left) / 2);
  const counts = new Map<number, number>();
  let most = 1;
  for (const i of visible) {
    const column = Math.floor((geometry.x(messages.endAt[i] as number) - geometry.left) / 2);
    if (column < 0 || column >= columns) continue;
    const cell = (messages.to[i] as number) * columns + column;
    const count = (counts.get(cell) ?? 0) + 1;
    counts.set(cell, count);
    if (count > most) most = count;
  }
  pen.fillStyle = palette['message-0'];
  pen.globalAlpha = 0.6;
  for (const [cell, count] of counts) {
    const height = Math.max(1, (geometry.laneHeight - 6) * Math.sqrt(count / most));
    pen.fillRect(
      geometry.left + (cell % columns) * 2,
      geometry.y(Math.floor(cell / columns)) - height / 2,
      1.5,
      height,
    );
  }
  pen.globalAlpha = 1;
}

/** A line that stops half way, and a cross. A message cut at once by a partition has no length in time. */
function drawDrops(canvas: Canvas, messages: Messages, visible: readonly number[]): void {
  const { pen, palette, geometry } = canvas;
  pen.save();
  clip(canvas);
  pen.strokeStyle = palette.bad;
  pen.lineWidth = 1.2;
  const short = Math.min(geometry.laneHeight * 0.8, 18);
  const dropped = visible.filter((i) => messages.fate[i] === DROPPED);
  const crowded = dropped.length > MOST_CROSSES;
  if (crowded) pen.globalAlpha = Math.max(0.12, MOST_CROSSES / dropped.length);
  for (const i of dropped) {
    const x1 = geometry.x(messages.sentAt[i] as number);
    const y1 = geometry.y(messages.from[i] as number);
    const x2 = Math.max(geometry.x(messages.endAt[i] as number), x1 + 5);
    const down = Math.sign((messages.to[i] as number) - (messages.from[i] as number));
    const late = (messages.endAt[i] as number) > (messages.sentAt[i] as number);
    const y2 = late ? geometry.y(messages.to[i] as number) - down * 4 : y1 + down * short;
    line(pen, x1, y1, x2, y2);
    if (crowded) continue;
    line(pen, x2 - 3, y2 - 3, x2 + 3, y2 + 3);
    line(pen, x2 - 3, y2 + 3, x2 + 3, y2 - 3);
  }
  pen.restore();
}

function drawHighlights(canvas: Canvas, scene: Scene, visible: readonly number[]): void {
  const { pen, palette, geometry } = canvas;
  const { messages } = scene;
  pen.save();
  clip(canvas);
  pen.strokeStyle = palette.ink;
  pen.lineWidth = 2;
  for (const i of visible) {
    if (!isStrong(scene, i)) continue;
    const x1 = geometry.x(messages.sentAt[i] as number);
    const y1 = geometry.y(messages.from[i] as number);
    const x2 = geometry.x(messages.endAt[i] as number);
    const y2 = geometry.y(messages.to[i] as number);
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    arrow(pen, x1, y1, x2, y2, 8);
    pen.stroke();
  }
  pen.restore();
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Names beside the lines, strong ones first, where there is room. */
function drawLabels(canvas: Canvas, scene: Scene, trace: PageTrace, visible: readonly number[]): void {
  const { pen, palette, geometry } = canvas;
  const { messages, families } = scene;
  const taken: Box[] = [];
  const order = visible.toSorted((a, b) => Number(isStrong(scene, b)) - Number(isStrong(scene, a)));
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  for (const i of order) {
    if (messages.fate[i] === DROPPED) continue;
    const strong = isStrong(scene, i);
    pen.font = `${strong ? '600 ' : ''}11px ${SANS}`;
    const run = geometry.x(messages.endAt[i] as number) - geometry.x(messages.sentAt[i] as number);
    if (!strong && run < NARROW) continue;
    const text = printable(trace.strings[messages.label[i] as number] ?? '').slice(0, 40);
    const width = pen.measureText(text).width;
    const middle = (messages.sentAt[i] as number) * 0.55 + (messages.endAt[i] as number) * 0.45;
    const x = geometry.x(middle) + 6;
    const y = geometry.y(messages.from[i] as number) * 0.55 + geometry.y(messages.to[i] as number) * 0.45;
    const collides = taken.some(
      (box) => Math.abs(box.y - y) < 12 && x < box.x + box.width + 8 && box.x < x + width + 8,
    );
    if (x < geometry.left || x + width > geometry.right || collides) continue;
    // Not on a lane's own line.
    if (Math.abs((((y - geometry.top) / geometry.laneHeight) % 1) - 0.5) < 0.2 && !strong) continue;
    taken.push({ x, y, width });
    pen.fillStyle = strong ? palette.ink : palette[families[messages.family[i] as number]?.colour ?? 'quiet'];
    haloText(pen, palette, text, x, y);
  }
}
