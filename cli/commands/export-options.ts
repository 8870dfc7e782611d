/** The options of `orrery export`. */
import type { Argv } from 'yargs';
import { FAULTS, PARAM } from './shared-options.ts';

const EXPORT_FORMATS = ['perfetto', 'shiviz', 'otlp', 'csv'] as const;

export interface ExportArguments {
  readonly what: string;
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly seed?: string | undefined;
  readonly param?: readonly string[] | undefined;
  readonly faults?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly file?: string | undefined;
}

export const exportOptions = <T>(command: Argv<T>) =>
  command
    .positional('what', {
      type: 'string',
      demandOption: true,
      describe: 'name or path of a scenario, or a repro file (.json) or report page (.html)',
    })
    .option('format', {
      choices: EXPORT_FORMATS,
      demandOption: true,
      requiresArg: true,
      describe:
        'perfetto: Chrome’s trace events, for ui.perfetto.dev · shiviz: a log with vector clocks · otlp: OpenTelemetry spans as JSON · csv: measurements',
    })
    .option('seed', { type: 'string', requiresArg: true, describe: 'of a scenario. Default: its own' })
    .option('param', PARAM)
    .option('faults', FAULTS)
    .option('from', {
      type: 'string',
      requiresArg: true,
      describe: 'record from this instant, such as 4.5s. Default: 0s',
    })
    .option('to', { type: 'string', requiresArg: true, describe: 'record until this instant. Default: the end' })
    .option('file', { type: 'string', requiresArg: true, describe: 'where to write. Default: stdout' });
