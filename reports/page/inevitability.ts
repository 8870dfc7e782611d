/** Section F: redraws the future from instants on the way to the failure, and draws how often it still fails. */
import type { Inevitability, InevitabilityPoint } from '../../sim/search/inevitability.ts';
import type { Plan } from '../plan.ts';
import { instant } from '../quantity.ts';
import type { PageData } from '../page-data.ts';
import { element } from './elements.ts';
import type { Engine } from './engine/engine.ts';
import { button } from './forms.ts';
import { probabilityChart } from './probability-chart.ts';

const INSTANTS = 13;
/** Futures at each instant. */
const FUTURES = 20;

export interface InevitabilityParts {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly page: PageData;
  /** What a search has found out already. */
  readonly found: Inevitability | undefined;
  readonly jump: (at: number) => void;
}

export class InevitabilityPane {
  readonly #parts: InevitabilityParts;
  readonly #points = new Map<number, InevitabilityPoint>();
  #going = false;

  constructor(parts: InevitabilityParts) {
    this.#parts = parts;
    for (const point of parts.found?.points ?? []) this.#points.set(point.at, point);
    this.#draw();
    this.#offer();
  }

  #offer(): void {
    const tools = element('inevitability-tools', HTMLElement);
    if (this.#parts.page.property === undefined || this.#parts.page.failedAt === undefined) return;
    const start = button('Find out', () => void this.#start());
    const stop = button('Stop', () => (this.#going = false));
    tools?.replaceChildren(this.#going ? stop : start);
  }

  /** One more future for every instant, again and again: the curve is there at once and sharpens. */
  async #start(): Promise<void> {
    const { engine, plan, page } = this.#parts;
    const { property, failedAt } = page;
    if (property === undefined || failedAt === undefined) return;
    this.#going = true;
    this.#points.clear();
    this.#offer();
    const instants = instantsBefore(page, failedAt);
    for (let salt = 1; salt <= FUTURES && this.#going; salt++) {
      for (const at of instants) {
        if (!this.#going) break;
        try {
          const { point } = await engine.ask<'future'>({ name: 'future', plan, property, at, salt });
          this.#points.set(at, point);
        } catch (error) {
          this.#say((error as Error).message);
          this.#going = false;
        }
        this.#draw();
      }
    }
    this.#going = false;
    this.#offer();
  }

  #draw(): void {
    const points = [...this.#points.values()].sort((a, b) => a.at - b.at);
    if (points.length === 0) return;
    const { page, jump } = this.#parts;
    element('inevitability-chart', HTMLElement)?.replaceChildren(probabilityChart(points, page, jump));
    const runs = points.reduce((sum, point) => sum + point.runs, 0);
    const open = points.findLastIndex(({ violated, runs: drawn }) => violated < drawn);
    const closed = points[open + 1];
    const end =
      closed === undefined
        ? 'even at the last instant there was a way out'
        : `from ${instant(closed.at)} on every future failed`;
    this.#say(`${runs} redrawn runs: ${end}${this.#going ? ' so far' : ''}.`);
  }

  #say(text: string): void {
    const said = element('inevitability-said', HTMLElement);
    if (said !== undefined) said.textContent = text;
  }
}

/** Half of them evenly from the start, the others from the first fault that had an effect. */
function instantsBefore({ faults }: PageData, failedAt: number): readonly number[] {
  const first = Math.min(failedAt, ...faults.filter(({ effective }) => effective).map(({ at }) => at));
  const spread = (from: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => Math.round(from + ((failedAt - from) * i) / (count - 1)));
  const all = [...spread(0, 5), ...spread(first, INSTANTS - 5)];
  return [...new Set(all)].sort((a, b) => a - b);
}
