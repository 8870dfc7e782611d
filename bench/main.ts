/**
 * `npm run bench`: one table of what the engine takes, each row beside its reference in the same run.
 *
 *   --quick        fewer rounds, less work: to see that it runs, not to judge by
 *   --only <row>   one row, by its name
 *   --json         the measurements as JSON
 *
 * Each row runs in a process of its own. In one process the rows would train the compiler on one another: a call that is
 * always of one kind in a run would be of ten kinds here, and memory would be everybody's.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Line, Row, Scale } from './row.ts';
import { ROWS } from './rows.ts';
import { summary, table } from './table.ts';

const FULL: Scale = { rounds: 7, size: 1 };
const QUICK: Scale = { rounds: 3, size: 0.2 };

/** Set in the processes that measure. */
const MEASURING = 'ORRERY_BENCH_ROW';

function measureApart(row: Row): readonly Line[] {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const environment = { ...process.env, [MEASURING]: row.name };
  return JSON.parse(execFileSync(process.execPath, args, { env: environment, encoding: 'utf8' })) as Line[];
}

function options(): { quick: boolean; json: boolean; only: string | undefined } {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  return { quick: values.quick, json: values.json, only: values.only };
}

function rowsNamed(only: string | undefined): readonly Row[] {
  const rows = ROWS.filter((row) => only === undefined || row.name === only);
  if (rows.length > 0) return rows;
  const names = ROWS.map((row) => row.name).join(', ');
  process.stderr.write(`--only: expected one of ${names}; got ${JSON.stringify(only)}\n`);
  process.exit(2);
}

const { quick, json, only } = options();
const measuring = process.env[MEASURING];
if (measuring !== undefined) {
  const [row] = rowsNamed(measuring);
  process.stdout.write(JSON.stringify(row?.measure(quick ? QUICK : FULL)));
} else {
  const lines = rowsNamed(only).flatMap(measureApart);
  process.stdout.write(json ? `${JSON.stringify(lines, null, 2)}\n` : `\n${table(lines)}\n${summary(lines)}`);
}
