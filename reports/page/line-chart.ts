/** A chart of lines over virtual time on a canvas, with a legend that gives the values under the pointer. */
import { made } from './elements.ts';

/** CSS pixels around the lines. */
const [LEFT, RIGHT, TOP, BOTTOM] = [62, 10, 10, 26];
/** Room that a named value takes at least. */
const TICK_WIDTH = 60;
const TICK_HEIGHT = 32;

export interface Line {
  readonly label: string;
  readonly colour: string;
  /** Lengths of strokes and gaps; empty: a whole line. */
  readonly dash: readonly number[];
  /** One for each instant; null: the line has a gap. */
  readonly values: readonly (number | null)[];
}

export interface LineChartOptions {
  /** CSS pixels. */
  readonly height: number;
  /** Instants of the values, and the end of the axis, µs. */
  readonly at: readonly number[];
  readonly end: number;
  readonly lines: readonly Line[];
  /** Ends of the axis of values. Above zero when it is logarithmic. */
  readonly low: number;
  readonly high: number;
  readonly logarithmic?: boolean;
  /** Marks each value: one between gaps has no line. */
  readonly dots?: boolean;
  readonly font: string;
  readonly ink: string;
  readonly grid: string;
  text(value: number): string;
  /** Draws below and above the lines. */
  under(chart: LineChart): void;
  over(chart: LineChart): void;
  /** The reader pointed at an instant. */
  jump(at: number): void;
}

export class LineChart {
  readonly root = made('div', 'line-chart');
  readonly context: CanvasRenderingContext2D;
  width = 0;
  readonly #options: LineChartOptions;
  readonly #canvas = made('canvas', '');
  readonly #instant = made('span', 'quiet');
  readonly #values: readonly HTMLElement[];
  /** Index of the instant under the pointer; −1: none. */
  #pointed = -1;

  constructor(options: LineChartOptions) {
    this.#options = options;
    this.context = this.#canvas.getContext('2d') as CanvasRenderingContext2D;
    this.#canvas.setAttribute('aria-hidden', 'true');
    const legend = made('ul', 'line-legend');
    this.#values = options.lines.map(({ label, colour, dash }) => {
      const item = made('li', '');
      const swatch = made('span', 'line-swatch');
      swatch.style.borderTop = `2px ${dash.length === 0 ? 'solid' : (dash[0] as number) < 3 ? 'dotted' : 'dashed'} ${colour}`;
      const value = made('span', 'line-value');
      item.append(swatch, label, value);
      legend.append(item);
      return value;
    });
    const at = made('li', '');
    at.append(this.#instant);
    legend.append(at);
    this.root.append(this.#canvas, legend);
    this.#canvas.addEventListener('pointermove', (event) => this.#point(this.#nearest(event.offsetX)));
    this.#canvas.addEventListener('pointerleave', () => this.#point(-1));
    this.#canvas.addEventListener('click', (event) => options.jump(this.instantAt(event.offsetX)));
  }

  get left(): number {
    return LEFT;
  }

  get top(): number {
    return TOP;
  }

  get bottom(): number {
    return this.#options.height - BOTTOM;
  }

  /** Draws everything `width` CSS pixels wide. */
  resize(width: number): void {
    const ratio = devicePixelRatio;
    this.width = width;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(this.#options.height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${this.#options.height}px`;
    this.#draw();
  }

  x(at: number): number {
    return LEFT + (at / Math.max(1, this.#options.end)) * (this.width - LEFT - RIGHT);
  }

  y(value: number): number {
    const { low, high, logarithmic } = this.#options;
    const share =
      logarithmic === true ? Math.log(value / low) / Math.log(high / low) : (value - low) / Math.max(1e-9, high - low);
    return this.bottom - share * (this.bottom - TOP);
  }

  instantAt(x: number): number {
    return ((x - LEFT) / (this.width - LEFT - RIGHT)) * this.#options.end;
  }

  #nearest(x: number): number {
    const { at } = this.#options;
    const instant = this.instantAt(x);
    let nearest = -1;
    for (const [i, other] of at.entries())
      if (nearest < 0 || Math.abs(other - instant) < Math.abs((at[nearest] as number) - instant)) nearest = i;
    return nearest;
  }

  #point(i: number): void {
    if (i === this.#pointed) return;
    this.#pointed = i;
    const { at, lines, text } = this.#options;
    const instant = at[i];
    this.#instant.textContent = instant === undefined ? '' : `at ${(instant / 1e6).toFixed(2)} s`;
    for (const [k, element] of this.#values.entries()) {
      const value = lines[k]?.values[i];
      element.textContent = instant === undefined ? '' : typeof value === 'number' ? text(value) : '–';
    }
    this.#draw();
  }

  #draw(): void {
    const { context, width } = this;
    const { height, under, over, lines } = this.#options;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    under(this);
    this.#drawAxes();
    context.save();
    context.beginPath();
    context.rect(LEFT, TOP - 2, width - LEFT - RIGHT, this.bottom - TOP + 4);
    context.clip();
    for (const line of lines) this.#drawLine(line);
    context.restore();
    over(this);
    this.#drawPointed();
  }

  #drawAxes(): void {
    const { context, width } = this;
    const { end, low, high, logarithmic, grid, ink, font, text } = this.#options;
    context.font = font;
    context.strokeStyle = grid;
    context.lineWidth = 1;
    context.fillStyle = ink;
    context.textAlign = 'center';
    context.textBaseline = 'top';
    const step = niceStep(end / 1e6, (width - LEFT - RIGHT) / TICK_WIDTH);
    for (let i = 0; i * step <= (end / 1e6) * 1.0001; i++) {
      const second = Number((i * step).toPrecision(12));
      const x = Math.round(this.x(second * 1e6)) + 0.5;
      this.#stroke(x, TOP, x, this.bottom);
      context.fillText(`${second} s`, x, this.bottom + 8);
    }
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const ticks = logarithmic === true ? decades(low, high) : steps(low, high, (this.bottom - TOP) / TICK_HEIGHT);
    for (const [value, named] of ticks) {
      context.globalAlpha = named ? 1 : 0.5;
      const y = Math.round(this.y(value)) + 0.5;
      this.#stroke(LEFT, y, width - RIGHT, y);
      if (named) context.fillText(text(value), LEFT - 6, y);
    }
    context.globalAlpha = 1;
  }

  #stroke(x1: number, y1: number, x2: number, y2: number): void {
    const { context } = this;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  #drawLine({ values, colour, dash }: Line): void {
    const { context } = this;
    const { at, dots } = this.#options;
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 1.5;
    context.setLineDash([...dash]);
    context.beginPath();
    let down = false;
    for (const [i, value] of values.entries()) {
      if (typeof value !== 'number') down = false;
      else {
        const [x, y] = [this.x(at[i] as number), this.y(value)];
        if (down) context.lineTo(x, y);
        else context.moveTo(x, y);
        down = true;
      }
    }
    context.stroke();
    context.setLineDash([]);
    if (dots === true)
      for (const [i, value] of values.entries()) if (typeof value === 'number') this.#dot(i, value, 1.75);
  }

  #dot(i: number, value: number, radius: number): void {
    const { context } = this;
    context.beginPath();
    context.arc(this.x(this.#options.at[i] as number), this.y(value), radius, 0, Math.PI * 2);
    context.fill();
  }

  #drawPointed(): void {
    const { context } = this;
    const { at, lines, ink } = this.#options;
    const instant = at[this.#pointed];
    if (instant === undefined) return;
    context.strokeStyle = ink;
    context.lineWidth = 1;
    context.setLineDash([3, 3]);
    this.#stroke(this.x(instant), TOP, this.x(instant), this.bottom);
    context.setLineDash([]);
    for (const { values, colour } of lines) {
      const value = values[this.#pointed];
      context.fillStyle = colour;
      if (typeof value === 'number') this.#dot(this.#pointed, value, 3);
    }
  }
}

/** 1, 2, 2.5 or 5 times a power of ten: the least of which at most `most` fit `range`. */
function niceStep(range: number, most: number): number {
  const least = range / Math.max(1, most);
  const unit = 10 ** Math.floor(Math.log10(least));
  return unit * ([1, 2, 2.5, 5].find((factor) => factor * unit >= least) ?? 10);
}

type Tick = readonly [value: number, named: boolean];

function steps(low: number, high: number, most: number): Tick[] {
  const step = niceStep(high - low, most);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, i) => [
    Number(((first + i) * step).toPrecision(12)),
    true,
  ]);
}

/** Powers of ten by name, and their multiples. */
function decades(low: number, high: number): Tick[] {
  const ticks: Tick[] = [];
  for (let decade = low; decade <= high * 1.0001; decade *= 10)
    for (let factor = 1; factor < 10 && decade * factor <= high * 1.0001; factor++)
      ticks.push([decade * factor, factor === 1]);
  return ticks;
}
