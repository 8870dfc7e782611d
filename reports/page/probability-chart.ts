/** How likely the failure is by time: a line with its 95 % interval, as a drawing that a screen reader can read. */
import type { InevitabilityPoint } from '../../sim/search/inevitability.ts';
import type { PageData } from '../page-data.ts';
import { instant } from '../quantity.ts';
import { shape, shapeText } from './shapes.ts';

const WIDTH = 900;
const HEIGHT = 150;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 10, 24];

export function probabilityChart(
  points: readonly InevitabilityPoint[],
  page: PageData,
  jump: (at: number) => void,
): SVGElement {
  const end = Math.max(1, page.failedAt ?? page.end);
  const x = (at: number): number => LEFT + (at / end) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const chart = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'probability', role: 'img' });
  const told = points.map(({ at, violated, runs }) => `${instant(at)}: ${violated} of ${runs}`).join(', ');
  chart.setAttribute('aria-label', `Violated runs when everything is drawn again from an instant: ${told}`);
  for (const fault of page.faults.filter(({ effective, at }) => effective && at < end)) {
    const width = Math.max(1, x(Math.min(end, fault.until)) - x(fault.at));
    const box = { x: x(fault.at), y: TOP, width, height: HEIGHT - TOP - BOTTOM, class: `band hue-fill-${fault.hue}` };
    chart.append(shape('rect', box), shapeText(x(fault.at) + 3, HEIGHT - BOTTOM - 4, fault.id, 'start'));
  }
  for (const share of [0, 0.5, 1]) {
    chart.append(shape('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share), class: 'grid' }));
    chart.append(shapeText(LEFT - 6, y(share) + 4, `${share * 100} %`, 'end'));
  }
  for (const share of [0, 0.25, 0.5, 0.75, 1])
    chart.append(
      shapeText(
        x(end * share),
        HEIGHT - 6,
        instant(end * share),
        share === 0 ? 'start' : share === 1 ? 'end' : 'middle',
      ),
    );
  const upper = points.map((point) => `${x(point.at)},${y(point.high)}`);
  const lower = points.toReversed().map((point) => `${x(point.at)},${y(point.low)}`);
  chart.append(shape('polygon', { points: [...upper, ...lower].join(' '), class: 'interval' }));
  chart.append(
    shape('polyline', { points: points.map((p) => `${x(p.at)},${y(p.estimate)}`).join(' '), class: 'curve' }),
  );
  for (const { at, estimate, violated, runs } of points) {
    const dot = shape('circle', { cx: x(at), cy: y(estimate), r: 4, class: 'dot' });
    const title = shape('title', {});
    title.textContent = `${instant(at)}: ${violated} of ${runs} redrawn runs fail`;
    dot.append(title);
    dot.addEventListener('click', () => jump(at));
    chart.append(dot);
  }
  return chart;
}
