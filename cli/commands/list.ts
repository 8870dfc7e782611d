/** `orrery list`: the bundled scenarios, their questions and their parameters. */
import { Chalk } from 'chalk';
import { scenarios } from '../../scenarios/index.ts';
import { durationText, type Param } from '../../sim/index.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

const shownDefault = (param: Param<unknown>): string =>
  param.kind === 'duration' ? durationText(param.default as number) : String(param.default);

export function listScenarios(json: boolean, terminal: Terminal): ExitCode {
  if (json) {
    const list = scenarios.map(({ name, question, params, seed }) => ({
      name,
      question,
      seed,
      params: Object.entries(params).map(([param, { kind, default: fallback, doc }]) => ({
        name: param,
        kind,
        default: fallback,
        doc,
      })),
    }));
    terminal.out(JSON.stringify({ schemaVersion: 1, scenarios: list }, null, 2));
    return ExitCode.asExpected;
  }
  const { bold, dim } = new Chalk({ level: terminal.colour ? 1 : 0 });
  for (const { name, question, params } of scenarios) {
    terminal.out(bold(name));
    terminal.out(`  ${question}`);
    for (const [param, spec] of Object.entries(params)) {
      terminal.out(dim(`  --param ${param}=${shownDefault(spec)}  ${spec.doc}`));
    }
  }
  return ExitCode.asExpected;
}
