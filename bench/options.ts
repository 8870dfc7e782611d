/** The options of `npm run bench`. */
import { parseArgs } from 'node:util';
import { ConfigError } from '../sim/base/errors.ts';
import type { Row } from './row.ts';

export type Task = 'measure' | 'guard' | 'write-baseline' | 'help';

export interface Options {
  readonly task: Task;
  readonly quick: boolean;
  readonly json: boolean;
  readonly rows: readonly Row[];
}

export const HELP = `npm run bench -- [options]: what the engine takes, each row beside its reference in the same run

  --quick            fewer rounds, less work, a few of the searches; under 90 s on an idle machine. To see that it runs,
                     not to judge by
  --only <row>       one row by its name; again for another one
  --json             measurements and facts about the machine as JSON, on stdout
  --guard            a quick subset against the ratios of bench/baseline.json, well under 60 s: exits with 1 when one has
                     fallen below 60 % of its baseline three times in a row, with 2 when there is no baseline to go by
  --write-baseline   measures that subset three times and writes the medians to bench/baseline.json
  --help             this

Ratios travel from machine to machine, nanoseconds do not. Each row runs in a process of its own, in turns with its reference.
Exits with 1 when a row could not be measured. A budget that is not met is shown and is no error.
`;

const FLAG = { type: 'boolean', default: false } as const;

/** Throws ConfigError naming the option. */
export function readOptions(args: readonly string[], rows: readonly Row[]): Options {
  const values = parsed(args);
  const tasks: Task[] = [];
  if (values.help) return { task: 'help', quick: false, json: false, rows };
  if (values.guard) tasks.push('guard');
  if (values['write-baseline']) tasks.push('write-baseline');
  const [task = 'measure', second] = tasks;
  if (second !== undefined) throw new ConfigError(`--${second}`, true, `one of --guard and --write-baseline`);
  for (const option of ['quick', 'only', 'json'] as const) {
    const given = values[option];
    if (task !== 'measure' && given !== undefined && given !== false)
      throw new ConfigError(
        `--${option}`,
        given,
        `nothing else beside --${task}, which has rows and rounds of its own`,
      );
  }
  return { task, quick: values.quick, json: values.json, rows: rowsNamed(values.only, rows) };
}

function parsed(args: readonly string[]) {
  const options = {
    quick: FLAG,
    json: FLAG,
    guard: FLAG,
    'write-baseline': FLAG,
    help: { ...FLAG, short: 'h' },
    only: { type: 'string', multiple: true },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new ConfigError('options', args.join(' '), `those that --help lists (${(error as Error).message})`);
  }
}

/** In the order of the table, whatever the order of the names. */
export function rowsNamed(names: readonly string[] | undefined, rows: readonly Row[]): readonly Row[] {
  if (names === undefined) return rows;
  const known = rows.map(({ name }) => name);
  for (const name of names)
    if (!known.includes(name)) throw new ConfigError('--only', name, `one of the rows ${known.join(', ')}`);
  return rows.filter(({ name }) => names.includes(name));
}
