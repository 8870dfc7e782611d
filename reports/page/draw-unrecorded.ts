/** Time that was not recorded: hatched and named, so that it cannot be taken for time in which nothing happened. */
import type { PageData } from '../page-data.ts';
import { type Palette, SANS } from './palette.ts';

/** Where to draw: a rectangle whose width is time, and where instants are in it. */
export interface TimeBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  x(at: number): number;
}

const SPACING = 7;

export function drawUnrecorded(pen: CanvasRenderingContext2D, palette: Palette, box: TimeBox, page: PageData): void {
  if (page.recorded === undefined) return;
  const [from, to] = page.recorded;
  stretch(pen, palette, box, box.x(0), box.x(from));
  stretch(pen, palette, box, box.x(to), box.x(page.end));
}

function stretch(
  pen: CanvasRenderingContext2D,
  palette: Palette,
  { left, right, top, bottom }: TimeBox,
  from: number,
  to: number,
): void {
  const x1 = Math.max(left, from);
  const x2 = Math.min(right, to);
  if (x2 - x1 < 1) return;
  const tall = bottom - top;
  pen.save();
  pen.beginPath();
  pen.rect(x1, top, x2 - x1, tall);
  pen.clip();
  pen.fillStyle = palette.bg;
  pen.fillRect(x1, top, x2 - x1, tall);
  pen.strokeStyle = palette.line;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (let x = x1 - tall - ((x1 - tall) % SPACING); x < x2; x += SPACING) {
    pen.moveTo(x, bottom);
    pen.lineTo(x + tall, top);
  }
  pen.stroke();
  pen.font = `600 12px ${SANS}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const text = 'not recorded';
  const width = pen.measureText(text).width;
  if (x2 - x1 > width + 8) {
    const [x, y] = [(x1 + x2) / 2, (top + bottom) / 2];
    pen.fillStyle = palette.bg;
    pen.fillRect(x - width / 2 - 6, y - 9, width + 12, 18);
    pen.fillStyle = palette.quiet;
    pen.fillText(text, x, y);
  }
  pen.restore();
}
