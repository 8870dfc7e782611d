/** Named states over time as strips, with the faults behind them: breakers, limiters, pools. */
import { NEVER, type Micros } from '../../sim/base/time.ts';
import type { FaultOutcome, RunResult } from '../../sim/result.ts';
import { html, isolated, Markup } from '../markup.ts';
import { FAULT_HUES } from '../page-data.ts';
import { counted, instant } from '../quantity.ts';
import { gravityOf, stateStrips, type Gravity, type StateStrip } from '../state-strips.ts';

/** Height of a strip, and how much of it a state takes: its gravity is seen without colour. */
const HEIGHT = 20;
const TALL: Readonly<Record<Gravity, number>> = { calm: 4, other: 8, wary: 12, bad: HEIGHT };
const WIDTH = 1_000;

export function statesPart(result: RunResult): Markup | '' {
  const end = Math.max(1, result.engine.reached);
  const { strips, omitted } = stateStrips(result.metrics, end);
  if (strips.length === 0) return '';
  const left = omitted > 0 ? html`<p class="quiet hint">${counted(omitted, 'calmer one')} not shown.</p>` : '';
  return html`<div class="strips">
    <h3>States <span class="quiet">of breakers, limiters and gates, with the share of the time spent in each</span></h3>
    ${strips.map((strip) => stripPart(strip, result, end))}
    <p class="strip-axis quiet"><span>${instant(0)}</span><span>${instant(end)}</span></p>
    ${left}
  </div>`;
}

function stripPart({ name, spans, shares, remark }: StateStrip, { faults, ...result }: RunResult, end: Micros): Markup {
  const x = (at: Micros): number => Math.round((Math.min(at, end) / end) * WIDTH);
  const bands = faults.map((fault, i) => band(fault, i, x)).join('');
  const drawn = shares.map(({ state }) => {
    const own = spans.filter((span) => span.state === state);
    const path = own.map(({ from, to }) => `M${x(from)} ${HEIGHT / 2}h${Math.max(1, x(to) - x(from))}`).join('');
    const gravity = gravityOf(state);
    return html`<path class="${gravity}" stroke-width="${TALL[gravity]}" d="${path}"><title>${state}</title></path>`;
  });
  const failed = result.verdicts.find(({ status, witness }) => status === 'violated' && witness !== undefined);
  const at = failed?.witness?.at;
  const line =
    at === undefined || at > end ? '' : `<rect class="failure" x="${x(at)}" y="0" width="2" height="${HEIGHT}"/>`;
  const share = (part: number): string => (part < 0.001 ? '<0.1 %' : `${Number((part * 100).toPrecision(3))} %`);
  const coarse = remark === '' ? '' : html` <span class="quiet">${remark}</span>`;
  return html`<div class="strip-row">
    <p>
      ${isolated(name)}
      ${shares.map(({ state, share: part }) => html` <span class="state-share ${gravityOf(state)}">${isolated(state)} ${share(part)}</span>`)}${coarse}
    </p>
    <svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${new Markup(bands)}${drawn}${new Markup(line)}
    </svg>
  </div>`;
}

function band({ at, until = NEVER, effects }: FaultOutcome, i: number, x: (at: Micros) => number): string {
  if (effects === 0) return '';
  const width = Math.max(1, x(until) - x(at));
  return `<rect class="band hue-fill-${i % FAULT_HUES}" x="${x(at)}" y="0" width="${width}" height="${HEIGHT}"/>`;
}
