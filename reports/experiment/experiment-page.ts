/** Pages of experiments: a sweep, a comparison, a search for capacity. Plain HTML, no script; every drawing is a table, too. */
import type { Capacity, Probe } from '../../sim/experiment/capacity.ts';
import type { Comparison } from '../../sim/experiment/compare.ts';
import type { Replicated } from '../../sim/experiment/replications.ts';
import type { SweepPlace } from '../../sim/experiment/sweep.ts';
import { documentOf } from '../html/document.ts';
import type { PageAssets } from '../html.ts';
import { html, isolated, printable, type Markup } from '../markup.ts';
import { counted } from '../quantity.ts';
import { table } from '../html/table.ts';
import { capacityAnswer } from './capacity-text.ts';
import { answersText, figureText, paramText } from './figure-text.ts';
import { intervalChart, type ChartLine } from './interval-chart.ts';
import { pairsPart, sideBySide } from './side-by-side.ts';
import { capacityCells, comparisonCells, sweepCells } from './rows.ts';

export interface ExperimentHead {
  /** What was done: `sweep retry-storm`. */
  readonly title: string;
  readonly question: string;
  readonly seed: string;
  /** Runs of each place. */
  readonly replications: number;
  /** How to do it again. */
  readonly command: string;
}

type Style = Pick<PageAssets, 'style'>;

function page(head: ExperimentHead, sentence: string, main: Markup, { style }: Style): string {
  const body = html`<header class="verdict is-held">
      <h1><span class="scenario">${isolated(head.title)}</span></h1>
      <p class="sentence">${sentence}</p>
      <p class="quiet">${isolated(head.question)}</p>
      <p class="quiet">
        seed <span class="mono">${isolated(head.seed)}</span>, ${counted(head.replications, 'replication')} of each, the
        same seeds everywhere; means with 95 % confidence intervals
      </p>
      <p class="replay"><code>${isolated(head.command)}</code></p>
    </header>
    <main>${main}</main>`;
  return documentOf({ title: printable(head.title), body, assets: { style } });
}

export function sweepPage(head: ExperimentHead, places: readonly SweepPlace[], style: Style): string {
  const varied = Object.keys(places[0]?.at ?? {});
  const figures = Object.keys(places[0]?.figures ?? {});
  const { head: heads, rows } = sweepCells(places);
  const main = html`<section aria-labelledby="table">
      <h2 id="table">Figures</h2>
      ${table(heads, rows)}
    </section>
    ${chartsOf(places, varied, figures)}`;
  return page(head, counted(places.length, 'place'), main, style);
}

/** One drawing for each figure: along the numeric parameter with the most values, a line for each combination of the others. */
function chartsOf(places: readonly SweepPlace[], varied: readonly string[], figures: readonly string[]): Markup {
  const valuesOf = (name: string): Set<unknown> => new Set(places.map(({ at }) => at[name]));
  const [axis] = varied
    .filter((name) => [...valuesOf(name)].every((value) => typeof value === 'number'))
    .toSorted((a, b) => valuesOf(b).size - valuesOf(a).size);
  const [first] = places;
  if (axis === undefined || first === undefined) return html``;
  const others = varied.filter((name) => name !== axis);
  const nameOf = (place: SweepPlace): string =>
    others.map((name) => `${name} ${paramText(name, place.at[name], place)}`).join(', ');
  const names = [...new Set(places.map(nameOf))];
  const linesFor = (figure: string): ChartLine[] =>
    names.map((name) => ({
      name,
      points: places
        .filter((place) => nameOf(place) === name)
        .map((place) => ({ x: place.at[axis] as number, ...meanOf(place, figure) }))
        .toSorted((a, b) => a.x - b.x),
    }));
  const drawings = figures.map((figure) =>
    intervalChart(
      `${figure} by ${axis}`,
      linesFor(figure),
      (x) => paramText(axis, x, first),
      (y) => figureText(y, first.durations.includes(figure)),
    ),
  );
  return html`<section aria-labelledby="charts">
    <h2 id="charts">By ${axis}</h2>
    ${drawings}
  </section>`;
}

const meanOf = ({ figures }: Replicated, name: string): { mean: number; halfWidth: number } =>
  figures[name] ?? { mean: NaN, halfWidth: NaN };

export function comparisonPage(
  head: ExperimentHead,
  comparison: Comparison,
  names: readonly [string, string],
  style: Style,
): string {
  const { first, second, figures } = comparison;
  const { head: heads, rows } = comparisonCells(comparison, names);
  const differing = figures.filter(({ secondIs }) => secondIs === 'higher' || secondIs === 'lower').length;
  const params = [first, second].map((one, i) => [
    names[i] ?? '',
    Object.entries(one.params)
      .map(([name, value]) => `${name} ${paramText(name, value, one)}`)
      .join(', '),
    answersText(one.answers),
  ]);
  const main = html`${sideBySide(comparison, names)}
    <section aria-labelledby="table">
      <h2 id="table">Figures</h2>
      ${table(heads, rows)}
      <p class="quiet hint">
        Latencies are those of operations that ended ok: a design that leaves more of them unanswered may look faster.
      </p>
    </section>
    ${pairsPart(comparison, names)}
    <section aria-labelledby="designs">
      <h2 id="designs">Designs</h2>
      ${table(['design', 'parameters', 'answers'], params)}
    </section>`;
  const told = ({ answers }: Replicated, name: string | undefined): string => `${name}: ${answersText(answers)}`;
  const sentence = `${told(first, names[0])}; ${told(second, names[1])}. ${counted(differing, 'figure')} of ${figures.length} ${differing === 1 ? 'differs' : 'differ'} beyond chance.`;
  return page(head, sentence, main, style);
}

export function capacityPage(
  head: ExperimentHead,
  load: string,
  probes: readonly Probe[],
  answer: Capacity,
  style: Style,
): string {
  const sorted = probes.toSorted((a, b) => a.load - b.load);
  const [first] = sorted;
  const figures = Object.keys(first?.figures ?? {});
  const { head: heads, rows } = capacityCells(load, probes);
  const drawings = figures.map((figure) =>
    intervalChart(
      `${figure} by ${load}`,
      [{ name: figure, points: sorted.map((probe) => ({ x: probe.load, ...meanOf(probe, figure) })) }],
      (x) => figureText(x, false),
      (y) => figureText(y, first?.durations.includes(figure) ?? false),
    ),
  );
  const main = html`<section aria-labelledby="table">
      <h2 id="table">Probes</h2>
      ${table(heads, rows)}
    </section>
    <section aria-labelledby="charts">
      <h2 id="charts">By ${load}</h2>
      ${drawings}
    </section>`;
  return page(head, capacityAnswer(load, answer), main, style);
}
