/** Charts of latency, rates and queue lengths, with the faults on every time axis. */
import type { LevelChart } from '../charts.ts';
import type { CountSeries } from '../count-series.ts';
import type { PageData } from '../page-data.ts';
import { length } from '../quantity.ts';
import { hueOf } from './draw-lanes.ts';
import { made } from './elements.ts';
import { histogramChart } from './histogram-chart.ts';
import { LineChart } from './line-chart.ts';
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
  #charts: LineChart[] = [];

  constructor(root: HTMLElement, parts: ChartParts) {
    this.#root = root;
    this.#parts = parts;
  }

  /** Makes the charts afresh: at first, when colours change, and when `root` or the run is another. */
  build(root = this.#root): void {
    this.#root = root;
    this.#charts = [];
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
    for (const chart of this.#charts) {
      const width = chart.root.parentElement?.clientWidth ?? 0;
      if (width > 0 && Math.abs(width - chart.width) > 1) chart.resize(width);
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
      dots: true,
      text: (value) => length(Math.round(value)),
      logarithmic: true,
      range: () => [decadeBelow(low), decadeAbove(high)],
      over: (chart) => this.#drawPoints(chart),
    });
  }

  #drawPoints(chart: LineChart): void {
    const { latency } = this.#parts.page().charts;
    const palette = this.#parts.palette();
    const { context } = chart;
    context.fillStyle = palette.accent;
    context.globalAlpha = 0.5;
    for (const [at, us] of latency.points) {
      context.beginPath();
      context.arc(chart.x(at), chart.y(us), 1.5, 0, Math.PI * 2);
      context.fill();
    }
    context.globalAlpha = 1;
    context.strokeStyle = palette.bad;
    context.lineWidth = 1.2;
    const y = chart.top + 5;
    for (const at of latency.timeouts) {
      const x = chart.x(at);
      context.beginPath();
      for (const side of [-1, 1]) {
        context.moveTo(x - 3, y - 3 * side);
        context.lineTo(x + 3, y + 3 * side);
      }
      context.stroke();
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
        range: (most) => [0, Math.max(1, most * 1.06)],
      },
    );
  }

  #levels({ title, unit, share, series: lines, omitted }: LevelChart): void {
    const widest = Math.max(...lines.map((line) => line.bucketUs));
    const count = Math.max(...lines.map((line) => Math.ceil((line.values.length * line.bucketUs) / widest)));
    const at = Array.from({ length: count }, (_, i) => i * widest + widest / 2);
    const columns = lines.map((line) => at.map((middle) => line.values[Math.floor(middle / line.bucketUs)] ?? 0));
    const remark = `${unit}, ${share ? 'per' : 'most in each'} ${length(widest)}${omitted > 0 ? ` · ${omitted} lower ones left out` : ''}`;
    this.#plot(title, remark, at, columns, {
      series: lines.map((line, i) => [line.name, COLOURS[i] as ColourName, i === 0 ? [] : [7 - i, 1 + (i % 3)]]),
      text: (value) => (share ? `${Number((value * 100).toPrecision(3))} %` : String(Number(value.toPrecision(3)))),
      range: (most) => [0, share ? 1.02 : Math.max(1, most * 1.06)],
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
      range: (most) => [0, Math.max(1, most * 1.06)],
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
    const most = Math.max(...columns.flat().filter((value) => value !== null));
    const [low, high] = look.range(most);
    const { dots = false, logarithmic = false } = look;
    const chart = new LineChart({
      height: HEIGHT,
      at,
      end: this.#parts.page().end,
      lines: look.series.map(([label, colour, dash], i) => ({
        label,
        colour: palette[colour],
        dash,
        values: columns[i] ?? [],
      })),
      low,
      high,
      logarithmic,
      dots,
      font: `12px ${SANS}`,
      ink: palette.quiet,
      grid: palette.line,
      text: look.text,
      under: (drawn) => this.#drawFaults(drawn),
      over: (drawn) => {
        look.over?.(drawn);
        this.#drawFailure(drawn);
      },
      jump: (instant) => this.#parts.jump(instant),
    });
    root.append(chart.root);
    this.#charts.push(chart);
  }

  #drawFaults(chart: LineChart): void {
    const { context, top, bottom } = chart;
    const palette = this.#parts.palette();
    const faults = this.#parts.page().faults.filter(({ effective }) => effective);
    for (const [i, fault] of faults.entries()) {
      const from = chart.x(fault.at);
      const to = Math.max(from + 1, chart.x(fault.until));
      context.fillStyle = palette[hueOf(fault.hue)];
      context.globalAlpha = 0.12;
      context.fillRect(from, top, to - from, bottom - top);
      context.globalAlpha = 1;
      context.font = `11px ${SANS}`;
      context.textAlign = 'left';
      context.textBaseline = 'bottom';
      context.fillText(fault.id, from + 2, bottom - (3 + (i % 3) * 12));
    }
  }

  #drawFailure(chart: LineChart): void {
    const { failedAt } = this.#parts.page();
    if (failedAt === undefined) return;
    chart.context.fillStyle = this.#parts.palette().bad;
    chart.context.fillRect(chart.x(failedAt), chart.top, 1.5, chart.bottom - chart.top);
  }
}

interface Look {
  readonly series: readonly (readonly [label: string, colour: ColourName, dash: readonly number[]])[];
  readonly logarithmic?: boolean;
  /** Mark each value: a bucket between thin ones has no line. */
  readonly dots?: boolean;
  /** Ends of the axis; `most`: the highest value. */
  range(most: number): readonly [low: number, high: number];
  text(value: number): string;
  over?(chart: LineChart): void;
}

const decadeBelow = (us: number): number => 10 ** Math.floor(Math.log10(Math.max(1, us)));
const decadeAbove = (us: number): number => 10 ** Math.ceil(Math.log10(Math.max(10, us * 1.01)));
