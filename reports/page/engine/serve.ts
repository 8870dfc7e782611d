/** The engine's side: answers what the page asks, one question after the other. Bundled with one scenario into a worker. */
import { reproOf, wilson, type RunResult, type Scenario, type TraceData } from '../../../sim/index.ts';
import { withFaultSwitched } from '../../edits.ts';
import { firstDifference } from '../../first-difference.ts';
import { StateHistory } from '../../state-history.ts';
import { became, execute, outcomeOf, shownOf } from './execution.ts';
import { statesAt, trackOf } from './states-at.ts';
import type { Answer, Ask, AskName, Envelope, ParamForm, Reply, Which } from './messages.ts';

/** The worker's own end. */
export interface Port {
  onmessage: ((event: { readonly data: Envelope }) => void) | null;
  postMessage(reply: Reply): void;
}

/** `exported`: what the scenario's module exports: a scenario, a list of them, or several of either. */
export function serve(exported: readonly unknown[], port: Port): void {
  const desk = new Desk(exported.flat().filter(isScenario));
  port.onmessage = ({ data: { id, ask } }) => {
    try {
      port.postMessage({ id, answer: desk.answer(ask) });
    } catch (error) {
      port.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  };
}

const isScenario = (value: unknown): value is Scenario =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Scenario>).build === 'function';

interface Tally {
  readonly runs: number;
  readonly violated: number;
}

const NOTHING: Tally = { runs: 0, violated: 0 };

class Desk {
  private readonly scenarios: readonly Scenario[];
  private readonly kept = new Map<Which, RunResult>();
  private readonly futures = new Map<number, Tally>();
  private readonly histories = new Map<Which, StateHistory>();

  constructor(scenarios: readonly Scenario[]) {
    this.scenarios = scenarios;
  }

  answer(ask: Ask): Answer<AskName> {
    switch (ask.name) {
      case 'describe':
        return { params: this.forms(this.scenario(ask.scenario)) };
      case 'run':
        return this.run(ask);
      case 'compare':
        return this.compare();
      case 'judge':
        return this.judge(ask);
      case 'future':
        return this.future(ask);
      case 'states':
        return this.states(ask);
      case 'track':
        return this.track(ask);
    }
  }

  private run({ which, plan, record, show }: Ask<'run'>): Answer<'run'> {
    const began = performance.now();
    const result = execute(this.scenario(plan.scenario), plan, { record });
    const outcome = outcomeOf(result, performance.now() - began);
    this.kept.set(which, result);
    this.histories.delete(which);
    return { outcome, repro: reproOf(result), ...(show ? { shown: shownOf(result) } : {}) };
  }

  private compare(): Answer<'compare'> {
    const [first, second] = [this.kept.get('recorded')?.trace, this.kept.get('changed')?.trace];
    const parting = first === undefined || second === undefined ? undefined : firstDifference(first, second);
    return parting === undefined ? {} : { parting };
  }

  private judge({ plan, property, without }: Ask<'judge'>): Answer<'judge'> {
    const less = withFaultSwitched(plan, plan, without, false);
    return { became: became(this.scenario(plan.scenario), less, property) };
  }

  private future({ plan, property, at, salt }: Ask<'future'>): Answer<'future'> {
    const scenario = this.scenario(plan.scenario);
    const { runs, violated } = salt === 1 ? NOTHING : (this.futures.get(at) ?? NOTHING);
    const hit = became(scenario, plan, property, { at, salt }) === 'still fails';
    const tally = { runs: runs + 1, violated: violated + Number(hit) };
    this.futures.set(at, tally);
    return { point: { at, ...tally, ...wilson(tally.violated, tally.runs) } };
  }

  private states({ which, row, since, nodes }: Ask<'states'>): Answer<'states'> {
    const trace = this.kept.get(which)?.trace;
    if (trace === undefined) return { states: [], changes: [], changedBy: 0 };
    return statesAt(this.historyOf(which, trace), trace, { row, since, nodes });
  }

  private track({ which, node, field }: Ask<'track'>): Answer<'track'> {
    const trace = this.kept.get(which)?.trace;
    return trace === undefined ? { points: [] } : trackOf(this.historyOf(which, trace), trace, node, field);
  }

  private historyOf(which: Which, trace: TraceData): StateHistory {
    let history = this.histories.get(which);
    if (history === undefined) this.histories.set(which, (history = new StateHistory(trace)));
    return history;
  }

  private scenario(name: string): Scenario {
    const found = this.scenarios.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the engine in this page has no scenario ${name}`);
    return found;
  }

  private forms({ params }: Scenario): ParamForm[] {
    return Object.entries(params).map(([name, { kind, doc, choices }]) => ({
      name,
      kind,
      doc,
      ...(choices === undefined ? {} : { choices: choices.map(String) }),
    }));
  }
}
