/** Runs the recorded run again in this page, and says whether it came to the same digest. Then the past can be changed. */
import type { Repro } from '../../sim/repro.ts';
import type { Inevitability } from '../../sim/search/inevitability.ts';
import type { NecessityRow } from '../../sim/search/necessity.ts';
import type { TraceOptions } from '../../sim/trace/trace.ts';
import type { PageData } from '../page-data.ts';
import type { PartName, Parts } from '../parts.ts';
import { planOf } from '../plan.ts';
import { length } from '../quantity.ts';
import type { PageTrace } from '../trace-columns.ts';
import { failureRow } from './controls.ts';
import { element } from './elements.ts';
import { embedded } from './embedded.ts';
import type { Engine } from './engine/engine.ts';
import type { Outcome, Shown } from './engine/messages.ts';
import { InevitabilityPane } from './inevitability.ts';
import type { Panes } from './panes.ts';
import { Past } from './past.ts';
import { StatePane } from './state-pane.ts';
import { writeParts } from './written-parts.ts';

export interface RerunParts {
  readonly engine: Engine;
  readonly panes: Panes;
  /** As the report wrote them. */
  readonly parts: Parts;
  /** The one in the page; undefined when the page has to make it. */
  readonly trace: PageTrace | undefined;
}

export async function rerun({ engine, panes, parts, trace }: RerunParts): Promise<void> {
  const repro = embedded<Repro>('orrery-repro');
  if (repro === undefined) return;
  const record = embedded<TraceOptions>('engine-record') ?? {};
  const page = panes.stage.page;
  say('Running it again in this page …', 'quiet');
  try {
    const show = trace === undefined;
    const plan = planOf(repro);
    const { outcome, shown } = await engine.ask<'run'>({ name: 'run', which: 'recorded', plan, record, show });
    const equal = tell(outcome, repro);
    const whole = equal && shown !== undefined ? completed(parts, shown.parts) : parts;
    if (trace === undefined && equal && shown !== undefined) {
      writeParts(whole);
      showMade(panes, shown);
    }
    if (equal) new StatePane(engine, panes);
    else stateUnknown();
    const restore = (): Promise<Shown> => {
      tell(outcome, repro);
      return Promise.resolve(recordedRun(page, shown?.page, whole, trace ?? shown?.trace));
    };
    const { necessity = [], inevitability } = embedded<Findings>('findings') ?? {};
    const known = new Map(necessity.map(({ id, without }) => [id, without]));
    new Past({ engine, panes, repro, record, outcome, known, restore, say });
    const jump = (at: number): void => panes.store.reveal(at);
    if (equal) new InevitabilityPane({ engine, plan, page: panes.stage.page, found: inevitability, jump });
  } catch (error) {
    say(`It cannot be run again in this page: ${(error as Error).message}`, 'mark violated');
  }
}

/** What a search, or the report, has found out already. */
interface Findings {
  readonly necessity?: readonly NecessityRow[];
  readonly inevitability?: Inevitability;
}

const recordedRun = (
  page: PageData,
  made: PageData | undefined,
  parts: Parts,
  trace: PageTrace | undefined,
): Shown => ({ page: made ?? page, parts, ...(trace === undefined ? {} : { trace }) });

/** What the report left to the page to find out, as the page has found it. */
const completed = (written: Parts, made: Parts): Parts =>
  Object.fromEntries(
    Object.entries(written).map(([name, markup]) => [name, markup === '' ? made[name as PartName] : markup]),
  ) as Record<PartName, string>;

/** A page without a trace shows the one that it has made. */
function showMade(panes: Panes, { page, trace }: Shown): void {
  const { stage, store } = panes;
  stage.show('recorded', page, trace);
  if (!store.readHash(stage.trace.at.length)) {
    store.row = failureRow(page);
    store.show(page.opening[0], page.opening[1]);
  }
  panes.renew();
}

function stateUnknown(): void {
  const said = element('state-said', HTMLElement);
  if (said !== undefined) said.textContent = 'unknown: the recorded run could not be reproduced in this page';
}

function tell({ digest, elapsedMs }: Outcome, recorded: Repro): boolean {
  const took = length(Math.round(elapsedMs * 1000));
  if (digest === recorded.digest) {
    say(`✓ Run again in this page: digest equal (${took})`, 'mark held');
    return true;
  }
  const differs = `run again in this page it came to digest ${digest}, recorded was ${recorded.digest}`;
  say(`✗ NOT REPRODUCED: ${differs}`, 'mark violated');
  return false;
}

function say(text: string, className: string): void {
  const said = element('rerun-said', HTMLElement);
  if (said === undefined) return;
  said.textContent = text;
  said.className = className;
}
