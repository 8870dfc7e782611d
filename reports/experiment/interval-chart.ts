/** A figure against a parameter, with its confidence intervals: a drawing without script. The table beside it says the same. */
import { html, type Markup } from '../markup.ts';

export interface ChartPoint {
  readonly x: number;
  readonly mean: number;
  readonly halfWidth: number;
}

export interface ChartLine {
  readonly name: string;
  readonly points: readonly ChartPoint[];
}

const WIDTH = 520;
const HEIGHT = 200;
const MARGIN = { left: 64, right: 12, top: 10, bottom: 24 };
/** Lines are told apart by their dashes, not by colour alone. */
const DASHES = ['none', '6 4', '2 3', '10 3 2 3', '1 5', '12 6'];

/** Nothing where fewer than two points can be drawn. */
export function intervalChart(
  label: string,
  lines: readonly ChartLine[],
  xText: (x: number) => string,
  yText: (y: number) => string,
): Markup {
  const drawn = lines
    .map(({ name, points }) => ({ name, points: points.filter(({ mean }) => Number.isFinite(mean)) }))
    .filter(({ points }) => points.length > 1);
  if (drawn.length === 0) return html``;
  const all = drawn.flatMap(({ points }) => points);
  const top = Math.max(...all.map(high), 0);
  const [low, up] = [Math.min(0, ...all.map(({ mean }) => mean)), top === 0 ? 1 : top];
  const [from, to] = [Math.min(...all.map(({ x }) => x)), Math.max(...all.map(({ x }) => x))];
  const across = (x: number): number =>
    MARGIN.left + ((x - from) / (to - from || 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const down = (y: number): number =>
    HEIGHT - MARGIN.bottom - ((y - low) / (up - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const [left, base] = [MARGIN.left, HEIGHT - MARGIN.bottom];
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${label}">
      <g fill="none" stroke="currentColor">
        <polyline points="${left},${MARGIN.top} ${left},${base} ${WIDTH - MARGIN.right},${base}" stroke-opacity="0.5" />
        ${drawn.map(({ points }, i) => lineOf(points, DASHES[i % DASHES.length] as string, across, down, up))}
      </g>
      <g fill="currentColor" font-size="11">
        <text x="${left - 6}" y="${MARGIN.top + 9}" text-anchor="end">${yText(up)}</text>
        <text x="${left - 6}" y="${base}" text-anchor="end">${yText(low)}</text>
        <text x="${left}" y="${HEIGHT - 6}">${xText(from)}</text>
        <text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 6}" text-anchor="end">${xText(to)}</text>
      </g>
    </svg>
    <figcaption class="quiet">${label}${drawn.length > 1 && html`: ${legend(drawn)}`}</figcaption>
  </figure>`;
}

const high = ({ mean, halfWidth }: ChartPoint): number => mean + (Number.isFinite(halfWidth) ? halfWidth : 0);

function lineOf(
  points: readonly ChartPoint[],
  dash: string,
  across: (x: number) => number,
  down: (y: number) => number,
  up: number,
): Markup {
  const at = (x: number, y: number): string => `${across(x).toFixed(1)},${down(y).toFixed(1)}`;
  const line = points.map(({ x, mean }) => at(x, mean)).join(' ');
  const bars = points.map(({ x, mean, halfWidth }) => {
    const half = Number.isFinite(halfWidth) ? halfWidth : 0;
    return html`<polyline
      points="${at(x, Math.max(0, mean - half))} ${at(x, Math.min(up, mean + half))}"
      stroke-opacity="0.6"
    />`;
  });
  return html`<polyline points="${line}" stroke-width="2" stroke-dasharray="${dash}" />${bars}`;
}

/** Names in the order of the dashes. */
const legend = (lines: readonly ChartLine[]): string =>
  lines
    .map(({ name }, i) => `${['solid', 'dashed', 'dotted', 'dash-dot', 'sparse', 'long dashes'][i % 6]} ${name}`)
    .join(', ');
