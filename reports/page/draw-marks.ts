/** Draws what lies over everything: the violation, the selected event, the numbers of the steps. */
import type { PageData } from '../page-data.ts';
import type { Step } from '../steps.ts';
import type { PageTrace } from '../trace-columns.ts';
import { type Canvas, line } from './draw-lanes.ts';
import { type Strip, stripY } from './geometry.ts';
import { SANS } from './palette.ts';
import type { Scene } from './scene.ts';

const RADIUS = 8.5;

export function drawViolation({ pen, palette, geometry }: Canvas, { failedAt }: PageData): void {
  if (failedAt === undefined || failedAt < geometry.view.from || failedAt > geometry.view.to) return;
  const x = geometry.x(failedAt);
  pen.strokeStyle = palette.bad;
  pen.lineWidth = 1.5;
  pen.setLineDash([4, 3]);
  line(pen, x, geometry.top - 4, x, geometry.bottom);
  pen.setLineDash([]);
  pen.font = `600 12px ${SANS}`;
  pen.fillStyle = palette.bad;
  pen.textBaseline = 'middle';
  const text = '✗ failure';
  const fits = x + pen.measureText(text).width + 6 < geometry.width;
  pen.textAlign = fits ? 'left' : 'right';
  pen.fillText(text, x + (fits ? 5 : -5), geometry.bottom - 9);
}

export function drawSelection({ pen, palette, geometry }: Canvas, scene: Scene, trace: PageTrace, row: number): void {
  if (row === 0) return;
  const at = trace.at[row - 1] as number;
  if (at < geometry.view.from || at > geometry.view.to) return;
  const x = geometry.x(at);
  pen.strokeStyle = palette.accent;
  pen.lineWidth = 1.5;
  line(pen, x, geometry.top - 4, x, geometry.bottom);
  drawSelectedMessage({ pen, palette, geometry }, scene, trace, row);
  const lane = scene.laneOf[trace.node[row - 1] as number] ?? -1;
  if (lane < 0) return;
  pen.fillStyle = palette.bg;
  pen.beginPath();
  pen.arc(x, geometry.y(lane), 4, 0, Math.PI * 2);
  pen.fill();
  pen.stroke();
}

function drawSelectedMessage({ pen, palette, geometry }: Canvas, scene: Scene, trace: PageTrace, row: number): void {
  const sendRow = trace.sending[row - 1] === 0 ? row : (trace.sending[row - 1] as number);
  const { messages } = scene;
  const i = messages.sendRow.indexOf(sendRow);
  if (i < 0) return;
  pen.strokeStyle = palette.accent;
  pen.lineWidth = 2.5;
  line(
    pen,
    geometry.x(messages.sentAt[i] as number),
    geometry.y(messages.from[i] as number),
    geometry.x(messages.endAt[i] as number),
    geometry.y(messages.to[i] as number),
  );
  pen.lineWidth = 1.5;
}

/** Badges beside their events; steps outside the window are named at its edge. */
export function drawSteps(canvas: Canvas, page: PageData, strips: readonly Strip[]): void {
  const { geometry } = canvas;
  const lanes = new Map(page.lanes.map(({ node }, lane) => [node, lane]));
  const placed: { x: number; y: number }[] = [];
  const before: Step[] = [];
  const after: Step[] = [];
  for (const step of page.steps) {
    if (step.at < geometry.view.from) before.push(step);
    else if (step.at > geometry.view.to) after.push(step);
    else {
      const lane = step.node === undefined ? undefined : lanes.get(step.node);
      let x = geometry.x(step.at);
      const strip = strips.find(({ fault }) => fault.id === step.fault);
      if (strip !== undefined) x -= RADIUS + 3;
      const y = strip !== undefined ? stripY(strip.row) - 4 : lane === undefined ? geometry.top - 12 : geometry.y(lane);
      while (placed.some((other) => Math.hypot(other.x - x, other.y - y) < RADIUS * 2 + 1)) x += 4;
      placed.push({ x, y });
      badge(canvas, String(step.number), x, y, step.kind === 'violation');
    }
  }
  edge(canvas, before, geometry.left + RADIUS + 12, 1, '◂');
  edge(canvas, after, geometry.right - RADIUS - 12, -1, '▸');
}

function badge({ pen, palette }: Canvas, text: string, x: number, y: number, bad: boolean): void {
  pen.fillStyle = bad ? palette.bad : palette.ink;
  pen.strokeStyle = palette.bg;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(x, y, RADIUS, 0, Math.PI * 2);
  pen.fill();
  pen.stroke();
  pen.fillStyle = palette['on-ink'];
  pen.font = `700 11px ${SANS}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, x, y + 0.5);
}

function edge(canvas: Canvas, steps: readonly Step[], start: number, direction: number, mark: string): void {
  const { pen, palette, geometry } = canvas;
  if (steps.length === 0) return;
  const y = geometry.bottom + 13;
  const width = steps.length * (RADIUS * 2 + 2) + 24;
  pen.fillStyle = palette.bg;
  pen.fillRect(direction > 0 ? geometry.left - 8 : geometry.right - width + 8, y - 10, width, 20);
  pen.fillStyle = palette.quiet;
  pen.font = `13px ${SANS}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(mark, start - direction * (RADIUS + 7), y);
  const ordered = direction > 0 ? steps : steps.toReversed();
  for (const [i, step] of ordered.entries())
    badge(canvas, String(step.number), start + direction * i * (RADIUS * 2 + 2), y, step.kind === 'violation');
}
