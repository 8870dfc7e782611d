/** The inevitability curve on a page: a drawing without script, and the same as a table. */
import type { Inevitability } from '../../sim/search/inevitability.ts';
import { html, type Markup } from '../markup.ts';
import { noReturnText, POINT_HEADS, pointCells, spanText } from './inevitability-words.ts';
import { table } from '../html/table.ts';

const WIDTH = 480;
const HEIGHT = 120;
const MARGIN = 6;

/** Nothing for a finding without one. */
export function inevitabilitySection(future: Inevitability | undefined): Markup {
  if (future === undefined || future.points.length === 0) return html``;
  return html`<h3>When it became inevitable</h3>
    <p>${noReturnText(future)}; ${spanText(future)}</p>
    ${curve(future)}
    <details>
      <summary>as a table</summary>
      ${table(POINT_HEADS, future.points.map(pointCells))}
    </details>`;
}

/** The share of failing futures by instant, with the 95 % interval behind it. */
function curve({ points }: Inevitability): Markup {
  const end = Math.max(1, points.at(-1)?.at ?? 1);
  const place = (at: number, share: number): string => {
    const x = MARGIN + (at / end) * (WIDTH - 2 * MARGIN);
    const y = HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const line = points.map(({ at, estimate }) => place(at, estimate)).join(' ');
  const band = [
    ...points.map(({ at, high }) => place(at, high)),
    ...points.toReversed().map(({ at, low }) => place(at, low)),
  ];
  const label = 'share of futures that fail, by the instant after which all is drawn again; the table says the same';
  return html`<svg
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    width="${WIDTH}"
    height="${HEIGHT}"
    role="img"
    aria-label="${label}"
  >
    <polygon points="${band.join(' ')}" fill="currentColor" fill-opacity="0.15" />
    <polyline points="${line}" fill="none" stroke="currentColor" stroke-width="2" />
    <polyline
      points="${place(0, 1)} ${place(0, 0)} ${place(end, 0)}"
      fill="none"
      stroke="currentColor"
      stroke-opacity="0.5"
    />
  </svg>`;
}
