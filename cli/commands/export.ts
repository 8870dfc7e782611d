/** `orrery export`: a run in the format of another tool. */
import {
  ConfigError,
  parseDuration,
  parseSchedule,
  run,
  variationOf,
  type Repro,
  type RunResult,
  type TraceOptions,
} from '../../sim/index.ts';
import { chromeTrace, metricsCsv, otlpSpans, shivizLog } from '../../reports/index.ts';
import { ExitCode } from '../exit-codes.ts';
import { writeWhole } from '../files.ts';
import { readParamWords } from '../param-words.ts';
import { readFaults } from '../read-faults.ts';
import { readRepro } from '../read-repro.ts';
import { scenarioFrom } from '../scenario-source.ts';
import type { Terminal } from '../terminal.ts';
import type { ExportArguments } from './export-options.ts';
import { oneScenario } from './search-words.ts';

const DOCUMENTS: Readonly<Record<ExportArguments['format'], (result: RunResult) => string>> = {
  perfetto: chromeTrace,
  shiviz: shivizLog,
  otlp: otlpSpans,
  csv: (result) => metricsCsv([result]),
};

export async function exportRun(args: ExportArguments, terminal: Terminal): Promise<ExitCode> {
  const record = recordingOf(args);
  const result = /\.(json|html)$/.test(args.what)
    ? await runOfRepro(args, readRepro(args.what), record)
    : await runOfScenario(args, record);
  if (result.trace !== undefined && result.trace.omitted > 0) {
    terminal.err(`warning: ${result.trace.omitted} events did not fit: choose a window with --from and --to`);
  }
  const text = DOCUMENTS[args.format](result);
  if (args.file === undefined) terminal.out(text.trimEnd());
  else {
    writeWhole(args.file, text.endsWith('\n') ? text : `${text}\n`);
    terminal.err(`${args.format} ${args.file} · digest ${result.digest}`);
  }
  return ExitCode.asExpected;
}

/** Measurements need no trace. */
function recordingOf({ format, from, to }: ExportArguments): TraceOptions | undefined {
  if (format === 'csv') return undefined;
  const at = (word: string | undefined, option: string): number | undefined =>
    word === undefined ? undefined : parseDuration(word, option);
  const [begin, end] = [at(from, '--from'), at(to, '--to')];
  if (begin !== undefined && end !== undefined && begin >= end) throw new ConfigError('--to', to, 'later than --from');
  return { ...(begin === undefined ? {} : { from: begin }), ...(end === undefined ? {} : { to: end }) };
}

async function runOfScenario(args: ExportArguments, record: TraceOptions | undefined): Promise<RunResult> {
  const { scenario } = await oneScenario(args.what);
  if (args.seed === '') throw new ConfigError('--seed', args.seed, 'a non-empty text');
  return run(scenario, {
    seed: args.seed ?? scenario.seed,
    params: readParamWords(args.param ?? []),
    ...(args.faults === undefined ? {} : { faults: readFaults(args.faults) }),
    ...(record === undefined ? {} : { record }),
  });
}

async function runOfRepro(
  { what, seed, param, faults }: ExportArguments,
  repro: Repro,
  record: TraceOptions | undefined,
): Promise<RunResult> {
  for (const [option, given] of Object.entries({ seed, param, faults })) {
    if (given !== undefined)
      throw new ConfigError(`--${option}`, given, 'a scenario to go with it: a repro has its own');
  }
  const { scenario } = await scenarioFrom(repro, what, undefined);
  return run(scenario, {
    ...variationOf(repro),
    seed: repro.seed,
    params: repro.params,
    faults: parseSchedule(repro.schedule),
    ...(record === undefined ? {} : { record }),
  });
}
