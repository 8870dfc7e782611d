/** Section A: the property, the sentence, what identifies the run, the command that runs it again. */
import type { RunResult } from '../../sim/result.ts';
import { failureInstants, headline } from '../headline.ts';
import type { HtmlOptions } from '../html.ts';
import { html, isolated, type Markup } from '../markup.ts';
import { counted, instant } from '../quantity.ts';
import { expectationMark, statusMark } from './status-mark.ts';

export function verdictHeader(result: RunResult, { replayCommand, index }: HtmlOptions): Markup {
  const told = headline(result);
  const { status, verdict, sentence } = told;
  const instants = failureInstants(told);
  const property = verdict === undefined ? '' : html` <span class="property">${isolated(verdict.check)}</span>`;
  const { expectation } = result;
  const back = index === undefined ? '' : html`<a class="back" href="${index}">all runs</a>`;
  return html`<header class="verdict is-${status}">
    <div class="row">
      <h1>${statusMark(status)} <span class="scenario">${isolated(result.scenario)}</span>${property}</h1>
      <p class="expectation">
        ${back}${expectationMark(expectation.met)} <span class="quiet">expected: ${isolated(expectation.text)}</span>
      </p>
    </div>
    <p class="sentence">${isolated(sentence)}</p>
    <div class="row">
      <dl class="identity">
        ${instants.length === 0 ? fact('virtual time', instant(result.engine.reached)) : instants.map(([name, at]) => fact(name, at))}
        ${fact('seed', result.seed)} ${fact('digest', result.digest)} ${fact('orrery', result.version)}
        ${fact('volume', volume(result))}
      </dl>
      <p class="replay">
        <code id="replay-command">${isolated(replayCommand)}</code><button type="button" id="copy-replay">Copy</button
        ><span id="copy-said" role="status"></span>
      </p>
    </div>
  </header>`;
}

const fact = (name: string, value: string): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd>${isolated(value)}</dd>
  </div>`;

const volume = ({ network, operations }: RunResult): string =>
  `${counted(network.sent, 'message')}, ${counted(operations.length, 'operation')}`;
