/** The options of `orrery check-history`. */
import type { Argv } from 'yargs';
import { HISTORY_FORMATS } from '../../sim/history/read/history-format.ts';
import { MODEL_NAMES } from './history-models.ts';

export const checkHistoryOptions = <T>(command: Argv<T>) =>
  command
    .positional('files', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'files, folders, or - for standard input',
    })
    .option('model', {
      alias: 'm',
      type: 'string',
      requiresArg: true,
      describe: `${MODEL_NAMES.join(' | ')}. Default: the object whose operations these are, where they tell`,
    })
    .option('format', {
      type: 'string',
      requiresArg: true,
      describe: `${HISTORY_FORMATS.join(' | ')}. Default: found out from the first line`,
    })
    .option('initial', {
      type: 'string',
      requiresArg: true,
      describe: 'the objects’ value at first, as JSON. Default: null, "", 0 or []',
    })
    .option('budget', {
      type: 'number',
      requiresArg: true,
      describe: 'search steps before the answer is undecided. Default 2,000,000',
    })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' });
