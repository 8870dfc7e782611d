/** Charts of latency, rates and queue lengths, with the faults on every time axis. */
import uPlot from 'uplot';
import type { LevelChart } from '../charts.ts';
import type { CountSeries } from '../count-series.ts';
import type { PageData } from '../page-data.ts';
import { length } from '../quantity.ts';
import { hueOf } from './draw-lanes.ts';
import { made } from './elements.ts';
import { histogramChart } from './histogram-chart.ts';
import { type ColourName, type Palette, SANS } from './palette.ts';

const HEIGHT = 210;

const COLOURS: readonly ColourName[] = ['accent', 'warn', 'message-1', 'good', 'message-2', 'quiet'];

export interface ChartParts {
  /** The run that is shown. */
  page(): PageData;
  palette(): Palette;
  /** The reader pointed at an instant. */
  jump(at: number): void;
}

export class MeasureCharts {
  #root: HTMLElement;
  readonly #parts: ChartParts;
  #plots: uPlot[] = [];

  constructor(root: HTMLElement, parts: ChartParts) {
    this.#root = root;
    this.#parts = parts;
  }

  /** Makes the charts afresh: at first, when colours change, and when `root` or the run is another. */
  build(root = this.#root): void {
    this.#root = root;
    for (const plot of this.#plots) plot.destroy();
    this.#plots = [];
    this.#root.replaceChildren();
    const { latency, rate, levels, counts, histograms } = this.#parts.page().charts;
    if (latency.points.length > 0 || latency.p50.some((value) => value !== null)) this.#latency();
    if (rate.offered.some((value) => value > 0)) this.#rates();
    for (const chart of levels) this.#levels(chart);
    if (counts !== undefined) this.#counts(counts);
    this.#root.append(...histograms.map(histogramChart));
    // The first chart had the whole width until the others came.
    this.resize();
  }

  resize(): void {
    for (const plot of this.#plots) {
      const width = plot.root.parentElement?.clientWidth ?? 0;
      if (width > 0 && Math.abs(width - plot.width) > 1) plot.setSize({ width, height: HEIGHT });
    }
  }

  #latency(): void {
    const { latency } = this.#parts.page().charts;
    const columns = [latency.p50, latency.p95, latency.p99, latency.max];
    const remarks = [
      `percentiles per ${length(latency.bucketUs)}`,
      latency.points.length > 0 ? 'dots: single operations, where a stretch has fewer than 200' : '',
      latency.pointsOmitted > 0 ? `${latency.pointsOmitted} dots left out` : '',
      latency.timeouts.length > 0 ? '× above: the client gave up' : '',
    ].filter((remark) => remark !== '');
    const values = [...columns.flat().filter((value) => value !== null), ...latency.points.map(([, us]) => us)];
    const low = Math.min(...values);
    const high = Math.max(...values);
    this.#plot('Latency', remarks.join(' · '), latency.at, columns, {
      series: [
        ['p50', 'accent', []],
        ['p95', 'message-1', [6, 3]],
        ['p99', 'warn', [2, 2]],
        ['max', 'quiet', [1, 4]],
      ],
      points: true,
      text: (value) => length(Math.round(value)),
      scale: { distr: 3, range: () => [decadeBelow(low), decadeAbove(high)] },
      over: (plot) => this.#drawPoints(plot),
    });
  }

  #drawPoints(plot: uPlot): void {
    const { latency } = this.#parts.page().charts;
    const palette = this.#parts.palette();
    const { ctx } = plot;
    const ratio = uPlot.pxRatio;
    ctx.fillStyle = palette.accent;
    ctx.globalAlpha = 0.5;
    for (const [at, us] of latency.points) {
      ctx.beginPath();
      ctx.arc(plot.valToPos(at / 1e6, 'x', true), plot.valToPos(us, 'y', true), 1.5 * ratio, 0, Math.PI * 2);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
    ctx.strokeStyle = palette.bad;
    ctx.lineWidth = 1.2 * ratio;
    const y = plot.bbox.top + 5 * ratio;
    for (const at of latency.timeouts) {
      const x = plot.valToPos(at / 1e6, 'x', true);
      ctx.beginPath();
      for (const side of [-1, 1]) {
        ctx.moveTo(x - 3 * ratio, y - 3 * side * ratio);
        ctx.lineTo(x + 3 * ratio, y + 3 * side * ratio);
      }
      ctx.stroke();
    }
  }

  #rates(): void {
    const { rate } = this.#parts.page().charts;
    this.#plot(
      'Rate',
      `operations per second, per ${length(rate.bucketUs)}`,
      rate.at,
      [rate.offered, rate.good, rate.failed],
      {
        series: [
          ['offered', 'quiet', [5, 3]],
          ['goodput', 'good', []],
          ['failed or unknown', 'bad', [2, 2]],
        ],
        text: (value) => `${Number(value.toPrecision(3))}/s`,
        scale: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.06)] },
      },
    );
  }

  #levels({ title, unit, series: queues, omitted }: LevelChart): void {
    const widest = Math.max(...queues.map((queue) => queue.bucketUs));
    const count = Math.max(...queues.map((queue) => Math.ceil((queue.max.length * queue.bucketUs) / widest)));
    const at = Array.from({ length: count }, (_, i) => i * widest + widest / 2);
    const columns = queues.map((queue) => at.map((middle) => queue.max[Math.floor(middle / queue.bucketUs)] ?? 0));
    const remark = `${unit}, most in each ${length(widest)}${omitted > 0 ? ` · ${omitted} lower ones left out` : ''}`;
    this.#plot(title, remark, at, columns, {
      series: queues.map((queue, i) => [queue.name, COLOURS[i] as ColourName, i === 0 ? [] : [7 - i, 1 + (i % 3)]]),
      text: (value) => String(Number(value.toPrecision(3))),
      scale: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.06)] },
    });
  }

  #counts({ bucketUs, series, omitted }: CountSeries): void {
    const count = Math.max(...series.map(({ perSecond }) => perSecond.length));
    const at = Array.from({ length: count }, (_, i) => i * bucketUs + bucketUs / 2);
    const left = omitted > 0 ? ` · ${omitted} rarer ones left out` : '';
    const columns = series.map(({ perSecond }) => at.map((_, i) => perSecond[i] ?? 0));
    this.#plot('Counted', `per second, all nodes together, per ${length(bucketUs)}${left}`, at, columns, {
      series: series.map(({ name }, i) => [name, COLOURS[i] as ColourName, i === 0 ? [] : [7 - i, 1 + (i % 3)]]),
      text: (value) => `${Number(value.toPrecision(3))}/s`,
      scale: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.06)] },
    });
  }

  #plot(
    title: string,
    remark: string,
    at: readonly number[],
    columns: readonly (readonly (number | null)[])[],
    look: Look,
  ): void {
    const palette = this.#parts.palette();
    const root = made('div', 'chart');
    const heading = made('h3', '', `${title} `);
    heading.append(made('span', 'quiet', remark));
    root.append(heading);
    this.#root.append(root);
    const data = [at.map((us) => us / 1e6), ...columns.map((column) => [...column])] as uPlot.AlignedData;
    const plot = new uPlot(this.#options(look, palette, root.clientWidth), data, root);
    plot.over.addEventListener('click', (event) => this.#parts.jump(plot.posToVal(event.offsetX, 'x') * 1e6));
    plot.root.querySelector('canvas')?.setAttribute('aria-hidden', 'true');
    this.#plots.push(plot);
  }

  #options(look: Look, palette: Palette, width: number): uPlot.Options {
    const axis = {
      stroke: palette.quiet,
      font: `12px ${SANS}`,
      grid: { stroke: palette.line, width: 1 },
      ticks: { show: false },
    };
    return {
      width,
      height: HEIGHT,
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: false, range: () => [0, this.#parts.page().end / 1e6] }, y: look.scale },
      axes: [
        { ...axis, size: 26, gap: 6, values: (_plot, splits) => splits.map((second) => `${second} s`) },
        {
          ...axis,
          size: 62,
          values: (_plot, splits) => splits.map((value) => (value === null ? '' : look.text(value))),
          filter: onlyDecades(look),
        },
      ],
      series: [
        { label: 'at', value: (_plot, value) => (value === null ? '–' : `${value.toFixed(2)} s`) },
        ...look.series.map(([label, colour, dash]): uPlot.Series => ({
          label,
          stroke: palette[colour],
          width: 1.5,
          dash: [...dash],
          points: look.points === true ? { show: true, size: 3.5, fill: palette[colour], width: 0 } : { show: false },
          value: (_plot, value) => (value === null ? '–' : look.text(value)),
        })),
      ],
      hooks: {
        drawClear: [(plot) => this.#drawFaults(plot)],
        // Without a pointer there is no instant to give values of.
        setLegend: [(plot) => plot.root.classList.toggle('is-pointing', typeof plot.cursor.idx === 'number')],
        draw: [(plot) => look.over?.(plot), (plot) => this.#drawFailure(plot)],
      },
    };
  }

  #drawFaults(plot: uPlot): void {
    const palette = this.#parts.palette();
    const { ctx, bbox } = plot;
    const ratio = uPlot.pxRatio;
    for (const [i, fault] of this.#parts
      .page()
      .faults.filter(({ effective }) => effective)
      .entries()) {
      const from = plot.valToPos(fault.at / 1e6, 'x', true);
      const to = Math.max(from + ratio, plot.valToPos(fault.until / 1e6, 'x', true));
      ctx.fillStyle = palette[hueOf(fault.hue)];
      ctx.globalAlpha = 0.12;
      ctx.fillRect(from, bbox.top, to - from, bbox.height);
      ctx.globalAlpha = 1;
      ctx.font = `${11 * ratio}px ${SANS}`;
      ctx.textAlign = 'left';
      ctx.textBaseline = 'bottom';
      ctx.fillText(fault.id, from + 2 * ratio, bbox.top + bbox.height - (3 + (i % 3) * 12) * ratio);
    }
  }

  #drawFailure({ ctx, bbox, valToPos }: uPlot): void {
    const { failedAt } = this.#parts.page();
    if (failedAt === undefined) return;
    ctx.fillStyle = this.#parts.palette().bad;
    ctx.fillRect(valToPos(failedAt / 1e6, 'x', true), bbox.top, 1.5 * uPlot.pxRatio, bbox.height);
  }
}

interface Look {
  readonly series: readonly (readonly [label: string, colour: ColourName, dash: readonly number[]])[];
  readonly scale: uPlot.Scale;
  /** Mark each value: a bucket between thin ones has no line. */
  readonly points?: boolean;
  text(value: number): string;
  over?(plot: uPlot): void;
}

const decadeBelow = (us: number): number => 10 ** Math.floor(Math.log10(Math.max(1, us)));
const decadeAbove = (us: number): number => 10 ** Math.ceil(Math.log10(Math.max(10, us * 1.01)));

/** On a logarithmic axis only powers of ten are named. */
const onlyDecades =
  (look: Look): uPlot.Axis.Filter =>
  (_plot, splits) =>
    look.scale.distr === 3 ? splits.map((value) => (Math.abs(Math.log10(value) % 1) < 1e-6 ? value : null)) : splits;
