/** Operations as bars, a line for each client: what is legal, what contradicts it, and the first that cannot come next. */
import { NEVER, type Micros } from '../../sim/base/time.ts';
import type { Operation } from '../../sim/history/operation.ts';
import type { RunResult } from '../../sim/result.ts';
import { bentAxis, type BentAxis } from '../bent-axis.ts';
import { clipped, html, Markup } from '../markup.ts';
import { isAnswered, isRead } from '../operation-text.ts';
import { operationLine, type OperationStory, type StoryBar } from '../operation-story.ts';
import { FAULT_HUES } from '../page-data.ts';
import { valueText } from '../plain-value.ts';
import { instant } from '../quantity.ts';
import { TraceReader } from '../trace-reader.ts';

const WIDTH = 1_000;
const [LEFT, RIGHT, TOP, BOTTOM] = [110, 24, 20, 24];
const ROW = 42;
const HALF = 6;
/** Average width of a character of a label. */
const CHARACTER = 6.3;
const TICK_ROOM = 84;

export function operationsFigure(result: RunResult, story: OperationStory): Markup {
  const figure = new Figure(result, story);
  return figure.draw();
}

class Figure {
  private readonly result: RunResult;
  private readonly story: OperationStory;
  private readonly axis: BentAxis;
  private readonly reader: TraceReader | undefined;
  private readonly height: number;
  /** Taken stretches of the lines for labels, by line. */
  private readonly taken = new Map<string, [from: number, to: number][]>();

  constructor(result: RunResult, story: OperationStory) {
    this.result = result;
    this.story = story;
    const known = story.bars.flatMap(({ op, point }) => [op.invokedAt, this.end(op), point ?? op.invokedAt]);
    this.axis = bentAxis([...known, Math.min(story.at, Math.max(...known))]);
    this.reader = result.trace === undefined ? undefined : new TraceReader(result.trace);
    this.height = TOP + story.clients.length * ROW + BOTTOM;
  }

  draw(): Markup {
    const { story, height } = this;
    const label = `Operations of ${story.clients.length} clients over time; the table below has those of the contradiction.`;
    const first = story.bars.toSorted((a, b) => weight(a) - weight(b));
    const labels = new Map(first.map((bar) => [bar, this.label(bar)]));
    return html`<svg viewBox="0 0 ${WIDTH} ${height}" class="operations" role="group" aria-label="${label}">
      ${this.bands()} ${this.lines()} ${this.order()} ${story.bars.map((bar) => this.bar(bar, labels.get(bar)))}
      ${this.failure()} ${this.ticks()}
    </svg>`;
  }

  /** Where it ends on the axis: of one that nobody answered when the client gave up. */
  private end({ completedAt, invokedAt }: Operation): Micros {
    return completedAt < NEVER ? completedAt : Math.max(this.story.at, invokedAt);
  }

  private x(at: Micros): number {
    return Math.round((LEFT + this.axis.place(at) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  }

  private y({ client }: Operation): number {
    return TOP + this.story.clients.indexOf(client) * ROW + ROW / 2;
  }

  private bands(): Markup[] {
    const { from, to } = this.axis;
    return this.result.faults.flatMap(({ id, at, until = NEVER, effects }, i) => {
      if (effects === 0 || at > to || until < from) return [];
      const [left, right] = [this.x(at), this.x(until)];
      const tall = this.height - TOP - BOTTOM;
      const place = `x="${left}" y="${TOP}" width="${Math.max(1, Math.round(right - left))}" height="${tall}"`;
      const band = new Markup(`<rect ${place} class="band hue-fill-${i % FAULT_HUES}"/>`);
      return [html`${band}<text x="${left + 3 + (i % 8) * 28}" y="${TOP - 6}">${clipped(id, 12)}</text>`];
    });
  }

  private lines(): Markup[] {
    return this.story.clients.map((client, i) => {
      const y = TOP + i * ROW + ROW / 2;
      const name = client.length > 16 ? `${client.slice(0, 15)}…` : client;
      return html`<text x="${LEFT - 10}" y="${y + 4}" class="name">${name}</text
        ><line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" class="grid" />`;
    });
  }

  /** The legal ones joined in their order; a break where some are not shown. */
  private order(): Markup | string {
    const placed = this.story.bars.filter(({ place }) => place !== undefined);
    placed.sort((a, b) => (a.place as number) - (b.place as number));
    if (placed.length < 2) return '';
    let path = '';
    for (const [i, { op, place, point }] of placed.entries()) {
      const joined = i > 0 && placed[i - 1]?.place === (place as number) - 1;
      path += `${joined ? 'L' : 'M'}${this.x(point as Micros)} ${this.y(op)}`;
    }
    return html`<path d="${path}" class="order" />`;
  }

  private bar(bar: StoryBar, label: Markup | undefined): Markup {
    const { op, standing, certain, point } = bar;
    const [left, y] = [this.x(op.invokedAt), this.y(op)];
    const right = Math.max(left + 3, this.x(this.end(op)));
    const closed = isAnswered(op) ? 'Z' : '';
    const outline = `M${right} ${y - HALF}H${left}V${y + HALF}H${right}${closed}`;
    const dot = point === undefined ? '' : html`<circle cx="${this.x(point)}" cy="${y}" r="3" />`;
    const said = certain || standing === 'beside' ? '' : ', may have happened';
    const title = `${clipped(operationLine(op), 240)} (${this.story.words[standing]}${said})`;
    const drawn = html`<title>${title}</title
      ><path d="${outline}" ${certain ? '' : new Markup(' class="uncertain"')} />${dot}${label}`;
    const row = this.rowOf(op);
    return row === 0
      ? html`<g class="op ${standing}">${drawn}</g> `
      : html`<a class="op ${standing}" href="#e=${row}">${drawn}</a> `;
  }

  /** The completion, else the invocation, when it was recorded. */
  private rowOf({ id }: Operation): number {
    return this.reader?.operation(id, 'complete') || this.reader?.operation(id, 'invoke') || 0;
  }

  /** Above or below its bar where there is room; what tells of the contradiction comes first. */
  private label(bar: StoryBar): Markup | undefined {
    const text = labelText(bar);
    const wide = text.length * CHARACTER + 6;
    const left = this.x(bar.op.invokedAt);
    const x = Math.max(LEFT, Math.min(left, WIDTH - wide));
    for (const side of [-1, 1]) {
      const line = `${bar.op.client} ${side}`;
      const taken = this.taken.get(line) ?? [];
      if (taken.some(([from, to]) => x < to && x + wide > from)) continue;
      this.taken.set(line, [...taken, [x, x + wide]]);
      const y = this.y(bar.op) + (side < 0 ? -HALF - 4 : HALF + 12);
      return html`<text x="${x}" y="${y}">${text}</text>`;
    }
    return undefined;
  }

  private failure(): Markup {
    const x = this.x(this.story.at);
    return html`<line x1="${x}" x2="${x}" y1="${TOP}" y2="${this.height - BOTTOM}" class="failure-line" />`;
  }

  /** Instants at which something shown begins or ends; those of the contradiction first. */
  private ticks(): Markup[] {
    const bars = this.story.bars.toSorted((a, b) => weight(a) - weight(b));
    const at = [this.story.at, this.axis.from, ...bars.flatMap(({ op }) => [this.end(op), op.invokedAt])];
    const shown: number[] = [];
    return at.flatMap((when) => {
      const x = this.x(when);
      if (shown.some((other) => Math.abs(other - x) < TICK_ROOM)) return [];
      shown.push(x);
      const [anchor, at] = x > WIDTH - 60 ? ['end', WIDTH] : x < LEFT + 30 ? ['start', LEFT] : ['middle', x];
      const tick = `<line x1="${x}" x2="${x}" y1="${this.height - BOTTOM}" y2="${this.height - BOTTOM + 4}" class="tick"/>`;
      return [
        html`${new Markup(tick)}<text x="${at}" y="${this.height - 6}" text-anchor="${anchor}">${instant(when)}</text>`,
      ];
    });
  }
}

const weight = ({ standing }: StoryBar): number => ['illegal', 'evidence', 'beside', 'legal'].indexOf(standing);

/** `write c1.142`, `read → c1.142`. */
function labelText({ op, standing }: StoryBar): string {
  const mark = standing === 'illegal' ? '✗ ' : '';
  const asked = op.input === undefined || op.input === null ? '' : ` ${valueText(op.input)}`;
  const text = `${mark}${op.f}${asked}${shortAnswer(op)}`;
  return text.length > 34 ? `${text.slice(0, 33)}…` : text;
}

/** What came back, where it is short; of an object the node that sent it. */
function shortAnswer(op: Operation): string {
  if (op.outcome !== 'ok') return ` → ${op.outcome === 'fail' ? 'refused' : '?'}`;
  if (typeof op.output === 'object' && op.output !== null) return op.node === undefined ? '' : ` → ${op.node}`;
  return isRead(op) ? ` → ${valueText(op.output)}` : '';
}
