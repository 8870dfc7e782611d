/** Fields of states over time, chosen by the reader: a term, a breaker's phase, a limiter's level, the length of a queue. */
import { printable } from '../markup.ts';
import { instant } from '../quantity.ts';
import type { PageData } from '../page-data.ts';
import { element, made } from './elements.ts';
import type { Engine } from './engine/engine.ts';
import type { Answer } from './engine/messages.ts';
import { button } from './forms.ts';
import type { Panes } from './panes.ts';
import { shape, shapeText } from './shapes.ts';

type Points = Answer<'track'>['points'];

const WIDTH = 520;
const HEIGHT = 150;
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 8, 8, 20];
/** More texts than this are not told apart on an axis. */
const MOST_TEXTS = 8;

export class Tracks {
  readonly #engine: Engine;
  readonly #panes: Panes;
  readonly #followed: { readonly node: string; readonly field: string }[] = [];
  #version = 0;

  constructor(engine: Engine, panes: Panes) {
    this.#engine = engine;
    this.#panes = panes;
  }

  /** Follows a field, or no longer. */
  async toggle(node: string, field: string): Promise<void> {
    const place = this.#followed.findIndex((one) => one.node === node && one.field === field);
    if (place >= 0) this.#followed.splice(place, 1);
    else this.#followed.push({ node, field });
    await this.#draw();
  }

  /** Another run may be on the stage. */
  async renew(): Promise<void> {
    if (this.#version === this.#panes.stage.version) return;
    this.#version = this.#panes.stage.version;
    await this.#draw();
  }

  async #draw(): Promise<void> {
    const { page, which } = this.#panes.stage;
    const charts = await Promise.all(
      this.#followed.map(async ({ node, field }) => {
        const { points } = await this.#engine.ask<'track'>({ name: 'track', which, node, field });
        return this.#chart(node, field, points, page);
      }),
    );
    element('state-tracks', HTMLElement)?.replaceChildren(...charts);
  }

  #chart(node: string, field: string, points: Points, page: PageData): HTMLElement {
    const frame = made('div', 'chart');
    const heading = made('h3', '', `${printable(node)} ${printable(field)} `);
    heading.append(button('remove', () => void this.toggle(node, field), 'plain'));
    frame.append(heading, trackChart(`${node} ${field}`, points, page));
    return frame;
  }
}

/** Steps of numbers on an axis, or of texts, each on a line of its own. */
function trackChart(name: string, points: Points, page: PageData): SVGElement {
  const [start, end] = page.recorded ?? [0, page.end];
  const x = (at: number): number => LEFT + ((at - start) / Math.max(1, end - start)) * (WIDTH - LEFT - RIGHT);
  const levels = levelsOf(points);
  const y = (level: number): number => HEIGHT - BOTTOM - level * (HEIGHT - TOP - BOTTOM);
  const chart = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'track', role: 'img' });
  const told = points.slice(-12).map(([at, value]) => `${instant(at)}: ${String(value)}`);
  chart.setAttribute('aria-label', printable(`${name} over time, last values ${told.join(', ')}`).slice(0, 500));
  for (const fault of page.faults.filter(({ effective }) => effective)) {
    const [from, to] = [Math.max(start, fault.at), Math.min(end, fault.until)];
    if (to <= from) continue;
    const box = { x: x(from), y: TOP, width: Math.max(1, x(to) - x(from)), height: HEIGHT - TOP - BOTTOM };
    chart.append(shape('rect', { ...box, class: `band hue-fill-${fault.hue}` }));
  }
  for (const { text, level } of levels.marks) {
    chart.append(shape('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(level), y2: y(level), class: 'grid' }));
    chart.append(shapeText(LEFT - 5, y(level) + 4, text, 'end'));
  }
  let path = '';
  for (const [i, [at, value]] of points.entries()) {
    const until = points[i + 1]?.[0] ?? end;
    const level = y(levels.of(value));
    path += `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${level.toFixed(1)}H${x(until).toFixed(1)}`;
  }
  chart.append(shape('path', { d: path, class: 'steps-line' }));
  if (page.failedAt !== undefined && page.failedAt >= start && page.failedAt <= end) {
    const at = x(page.failedAt);
    chart.append(shape('line', { x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM, class: 'failure-line' }));
  }
  chart.append(
    shapeText(LEFT, HEIGHT - 5, instant(start), 'start'),
    shapeText(WIDTH - RIGHT, HEIGHT - 5, instant(end), 'end'),
  );
  return chart;
}

interface Levels {
  /** From 0, the bottom, to 1. */
  of(value: unknown): number;
  readonly marks: readonly { readonly text: string; readonly level: number }[];
}

function levelsOf(points: Points): Levels {
  const numbers = points.map(([, value]) => value).filter((value) => typeof value === 'number');
  const values = points.map(([, value]) => value);
  if (numbers.length === 0 || values.some((value) => value !== null && typeof value !== 'number'))
    return textLevels([...new Set(values.map(String))]);
  const [low, high] = numbers.reduce(
    ([a, b], n) => [Math.min(a, n), Math.max(b, n)],
    [Math.min(0, numbers[0] ?? 0), numbers[0] ?? 0],
  );
  const span = Math.max(1e-9, high - low);
  const marks = [low, (low + high) / 2, high].map((n) => ({
    text: String(Number(n.toPrecision(4))),
    level: (n - low) / span,
  }));
  return { of: (value) => (typeof value === 'number' ? (value - low) / span : 0), marks };
}

function textLevels(texts: readonly string[]): Levels {
  const shown = texts.slice(0, MOST_TEXTS);
  const level = (place: number): number => (shown.length === 1 ? 0.5 : place / (shown.length - 1));
  return {
    of: (value) => level(Math.max(0, shown.indexOf(String(value)))),
    marks: shown.map((text, i) => ({ text: printable(text).slice(0, 10), level: level(i) })),
  };
}
