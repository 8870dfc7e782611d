/** Two designs under the same draws, side by side: the same axes left and right, the same faults, and each pair of runs joined. */
import type { Comparison, ComparedFigure } from '../../sim/experiment/compare.ts';
import type { Course } from '../../sim/experiment/course.ts';
import type { Replicated } from '../../sim/experiment/replications.ts';
import { escapeMarkup, html, isolated, Markup } from '../markup.ts';
import { FAULT_HUES } from '../page-data.ts';
import { instant, length } from '../quantity.ts';
import { answersText, figureText, paramText } from './figure-text.ts';

const WIDTH = 560;
const HEIGHT = 170;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 10, 14, 22];

type Line = readonly [values: readonly (number | null)[], className: string];

interface Panel {
  readonly title: string;
  readonly lines: (course: Course) => readonly Line[];
  readonly text: (value: number) => string;
  readonly log: boolean;
}

const PANELS: readonly Panel[] = [
  {
    title: 'goodput, operations a second: solid; offered: dashed',
    lines: ({ offered, good }) => [
      [offered, 'offered'],
      [good, 'good'],
    ],
    text: (value) => `${Number(value.toPrecision(3))}/s`,
    log: false,
  },
  {
    title: 'latency: p50 solid, p99 dashed',
    lines: ({ p50, p99 }) => [
      [p99, 'p99'],
      [p50, 'p50'],
    ],
    text: (value) => length(Math.round(value)),
    log: true,
  },
];

export function sideBySide({ first, second }: Comparison, names: readonly [string, string]): Markup {
  const designs = [first, second] as const;
  const courses = designs.flatMap(({ course }) => course ?? []);
  if (courses.length < 2) return html``;
  const columns = designs.map(
    (design, i) =>
      html`<div class="design">
        <h3>${isolated(names[i] ?? '')}</h3>
        <p>${answersMark(design)} <span class="quiet">${isolated(differing(design, designs))}</span></p>
        ${PANELS.map((panel) => panelFigure(panel, design.course as Course, courses, names[i] ?? ''))}
      </div>`,
  );
  return html`<section aria-labelledby="side-by-side">
    <h2 id="side-by-side">Side by side</h2>
    <div class="designs">${columns}</div>
  </section>`;
}

function answersMark({ answers }: Replicated): Markup {
  const status = answers.violated > 0 ? 'violated' : answers.undecided > 0 ? 'undecided' : 'held';
  const sign = { violated: '✗', undecided: '?', held: '✓' }[status];
  return html`<span class="mark ${status}"><span aria-hidden="true">${sign}</span> ${answersText(answers)}</span>`;
}

/** Parameters that the other has not, or has with another value. */
function differing(design: Replicated, designs: readonly [Replicated, Replicated]): string {
  const other = designs[0] === design ? designs[1] : designs[0];
  return Object.entries(design.params)
    .filter(([name, value]) => JSON.stringify(other.params[name]) !== JSON.stringify(value))
    .map(([name, value]) => `${name} ${paramText(name, value, design)}`)
    .join(', ');
}

/** The scales are those of both designs. */
function panelFigure({ title, lines, text, log }: Panel, course: Course, all: readonly Course[], name: string): Markup {
  const values = all.flatMap((one) => lines(one).flatMap(([line]) => line.filter((value) => value !== null)));
  if (values.length === 0) return html``;
  const scaled = (value: number): number => (log ? Math.log10(Math.max(1, value)) : value);
  const top = scaled(Math.max(...values)) || 1;
  const low = log ? Math.floor(scaled(Math.min(...values))) : 0;
  const up = log ? Math.ceil(top) : top * 1.05;
  const end = Math.max(...all.map((one) => one.end));
  const x = (at: number): number => Math.round((LEFT + (at / end) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  const y = (value: number): number =>
    Math.round((HEIGHT - BOTTOM - ((scaled(value) - low) / Math.max(1e-9, up - low)) * (HEIGHT - TOP - BOTTOM)) * 10) /
    10;
  const marks = log
    ? Array.from({ length: up - low + 1 }, (_, i) => 10 ** (low + i))
    : [0, up / 2, up].map((value) => Number(value.toPrecision(2)));
  const grid = marks.map(
    (value) =>
      html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" class="grid" /><text
          x="${LEFT - 6}"
          y="${y(value) + 4}"
          text-anchor="end"
          >${text(value)}</text
        >`,
  );
  const bands = course.faults.map(({ id, at, until }, i) => {
    const width = Math.max(1, x(until) - x(at));
    const box = `x="${x(at)}" y="${TOP}" width="${width}" height="${HEIGHT - TOP - BOTTOM}"`;
    return new Markup(
      `<rect ${box} class="band hue-fill-${i % FAULT_HUES}"/><text x="${x(at) + 2}" y="${TOP - 3}">${escapeMarkup(id.slice(0, 12))}</text>`,
    );
  });
  const drawn = lines(course).map(
    ([line, className]) => new Markup(`<path d="${pathOf(line, course, x, y)}" class="curve ${className}"/>`),
  );
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" class="course" role="img" aria-label="${name}: ${title}, over time">
      ${bands}${grid}${drawn}
      <text x="${LEFT}" y="${HEIGHT - 6}">${instant(0)}</text>
      <text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${instant(end)}</text>
    </svg>
    <figcaption class="quiet">${title}, per ${length(course.bucketUs)}</figcaption>
  </figure>`;
}

function pathOf(
  line: readonly (number | null)[],
  { bucketUs }: Course,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  for (const [i, value] of line.entries()) {
    if (value === null) continue;
    // A bucket alone is a short dash.
    const joined = i > 0 && line[i - 1] !== null;
    path += `${joined ? 'L' : 'M'}${x((i + 0.5) * bucketUs)} ${y(value)}${joined || typeof line[i + 1] === 'number' ? '' : 'h3'}`;
  }
  return path;
}

// ── Pairs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const PAIR = { width: 170, height: 130, left: 12, right: 158, top: 12, bottom: 112 } as const;
const MOST_PAIRS = 60;

/** A figure of each pair of runs, joined: what differs beyond chance slopes the same way in nearly all of them. */
export function pairsPart({ first, second, figures }: Comparison, names: readonly [string, string]): Markup {
  const drawings = figures.map((figure) => pairFigure(figure, first, second)).filter((drawing) => drawing.text !== '');
  if (drawings.length === 0) return html``;
  return html`<section aria-labelledby="pairs">
    <h2 id="pairs">Pair by pair</h2>
    <p class="quiet">Each line is one seed: ${isolated(names[0])} at the left, ${isolated(names[1])} at the right.</p>
    <div class="pairs">${drawings}</div>
  </section>`;
}

function pairFigure({ name, secondIs, difference }: ComparedFigure, first: Replicated, second: Replicated): Markup {
  const pairs = (first.runs[name] ?? [])
    .map((value, k) => [value, second.runs[name]?.[k] ?? NaN] as const)
    .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
    .slice(0, MOST_PAIRS);
  if (pairs.length === 0) return html``;
  const [low, high] = [Math.min(...pairs.flat()), Math.max(...pairs.flat())];
  const { width, height, left, right, top, bottom } = PAIR;
  const y = (value: number): number =>
    Math.round((bottom - ((value - low) / (high - low || 1)) * (bottom - top)) * 10) / 10;
  const path = pairs.map(([a, b]) => `M${left} ${y(a)}L${right} ${y(b)}`).join('');
  const duration = first.durations.includes(name);
  const label = `${name}: ${secondIs}, by ${figureText(difference.mean, duration)} on average over ${pairs.length} pairs`;
  return html`<figure>
    <figcaption>${isolated(name)} <span class="quiet">${secondIs}</span></figcaption>
    <svg viewBox="0 0 ${width} ${height}" class="pair" role="img" aria-label="${label}">
      ${new Markup(`<path d="${path}"/>`)}
      <text x="${left}" y="${height - 4}">${figureText(low, duration)}</text>
      <text x="${right}" y="${height - 4}" text-anchor="end">to ${figureText(high, duration)}</text>
    </svg>
  </figure>`;
}
