/** Latency of one operation as bars on a logarithmic axis, with its percentiles marked. */
import type { LatencyHistogram } from '../latency-histogram.ts';
import { counted, grouped, length } from '../quantity.ts';
import { made } from './elements.ts';
import { shape, shapeText } from './shapes.ts';

const WIDTH = 520;
const HEIGHT = 170;
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 8, 42, 20];

export function histogramChart({ f, count, from, octavesPerBar, counts, ...quantiles }: LatencyHistogram): HTMLElement {
  const frame = made('div', 'chart');
  const heading = made('h3', '', `How long ${f} took `);
  heading.append(made('span', 'quiet', `${counted(count, 'operation')} that succeeded`));
  const most = Math.max(1, ...counts);
  const wide = (WIDTH - LEFT - RIGHT) / counts.length;
  const x = (us: number): number => LEFT + (Math.log2(us / from) / octavesPerBar) * wide;
  const tall = HEIGHT - TOP - BOTTOM;
  const chart = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'histogram', role: 'img' });
  const { p50, p95, p99 } = quantiles;
  const told = `p50 ${length(p50)}, p95 ${length(p95)}, p99 ${length(p99)}`;
  chart.setAttribute('aria-label', `Latency of ${counted(count, 'operation')}: ${told}`);
  for (const [i, bar] of counts.entries()) {
    const height = bar === 0 ? 0 : Math.max(1, (tall * bar) / most);
    chart.append(
      shape('rect', { x: LEFT + i * wide, y: TOP + tall - height, width: Math.max(1, wide - 1), height, class: 'bar' }),
    );
  }
  for (const [name, us, row] of [
    ['p50', p50, 0],
    ['p95', p95, 1],
    ['p99', p99, 2],
  ] as const) {
    chart.append(shape('line', { x1: x(us), x2: x(us), y1: TOP - 34 + row * 12, y2: TOP + tall, class: 'mark-line' }));
    chart.append(shapeText(Math.min(WIDTH - 70, x(us) + 3), TOP - 26 + row * 12, `${name} ${length(us)}`, 'start'));
  }
  for (const share of [0, 0.5, 1]) {
    const us = from * 2 ** (octavesPerBar * counts.length * share);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    chart.append(shapeText(LEFT + share * (WIDTH - LEFT - RIGHT), HEIGHT - 5, length(Math.round(us)), anchor));
  }
  chart.append(shapeText(LEFT - 4, TOP + 8, grouped(most), 'end'), shapeText(LEFT - 4, TOP + tall, '0', 'end'));
  frame.append(heading, chart);
  return frame;
}
