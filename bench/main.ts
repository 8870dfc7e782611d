/** `npm run bench`: options.ts says what it can do. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../sim/base/errors.ts';
import { growthTable } from './growth-table.ts';
import { baselineText, guardText, readBaseline } from './guard.ts';
import { guard, GUARD_SCALE, GUARDED, newBaseline } from './guard-run.ts';
import { machine, machineText } from './machine.ts';
import { measureApart, measureHere, RowFailure } from './measure-apart.ts';
import { HELP, readOptions, rowsNamed, type Options } from './options.ts';
import { inPackage } from './package-root.ts';
import { isMet, type Line, type Measured, type Row, type Scale } from './row.ts';
import { ROWS } from './rows.ts';
import { searchTable } from './search-table.ts';
import { summary, table } from './table.ts';

const FULL: Scale = { rounds: 7, size: 1 };
const QUICK: Scale = { rounds: 3, size: 0.2 };
const BASELINE = 'bench/baseline.json';

const say = (text: string): void => void process.stderr.write(text);

/** With a word on stderr for those who wait. */
function measured(row: Row, scale: Scale): Measured {
  say(`${row.name} …`);
  const began = performance.now();
  try {
    return measureApart(fileURLToPath(import.meta.url), row, scale);
  } finally {
    say(` ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
  }
}

/** The rows that could be measured; what became of the others is on stderr. */
function measureAll({ rows, quick }: Options): readonly Measured[] {
  return rows.flatMap((row) => {
    try {
      return [measured(row, quick ? QUICK : FULL)];
    } catch (error) {
      if (!(error instanceof RowFailure)) throw error;
      say(`${error.message}\n`);
      process.exitCode = 1;
      return [];
    }
  });
}

function linesOf({ entries, peak }: Measured): Line[] {
  const lines = entries.filter((entry): entry is Line => entry.table === undefined);
  return lines.map((line, i) => (i === 0 ? { ...line, peak } : line));
}

function tables(all: readonly Measured[]): string {
  const entries = all.flatMap((one) => one.entries);
  const lines = all.flatMap(linesOf);
  const growth = entries.filter((entry) => entry.table === 'growth');
  const searches = entries.filter((entry) => entry.table === 'searches');
  const parts = [
    `${machineText(machine())}\n`,
    ...(lines.length === 0 ? [] : [table(lines)]),
    ...(growth.length === 0 ? [] : [growthTable(growth)]),
    ...(searches.length === 0 ? [] : [searchTable(searches)]),
    ...(lines.some((line) => isMet(line) !== undefined) ? [summary(lines)] : []),
  ];
  return `\n${parts.join('\n')}`;
}

function measureAndShow(options: Options): string {
  const began = new Date();
  const rows = measureAll(options);
  if (!options.json) return tables(rows);
  const scale = options.quick ? 'quick' : 'full';
  return `${JSON.stringify({ date: began.toISOString(), scale, machine: machine(), rows }, null, 2)}\n`;
}

function guardAndShow(rows: readonly Row[]): string {
  const path = inPackage(BASELINE);
  const baseline = readBaseline(existsSync(path) ? readFileSync(path, 'utf8') : undefined, BASELINE);
  const measure = (row: Row): Measured => measured(row, GUARD_SCALE);
  const judgements = guard(rows, baseline, measure, (slower) =>
    say(`slower: ${slower.map(({ work }) => work).join('; ')}: once more\n`),
  );
  if (judgements.some(({ ok }) => !ok)) process.exitCode = 1;
  return `\n${guardText(judgements)}`;
}

function writeBaseline(rows: readonly Row[]): string {
  writeFileSync(inPackage(BASELINE), baselineText(newBaseline(rows, (row) => measured(row, GUARD_SCALE))));
  return `wrote ${BASELINE}\n`;
}

function perform(options: Options): string {
  switch (options.task) {
    case 'help':
      return HELP;
    case 'measure':
      return measureAndShow(options);
    case 'guard':
      return guardAndShow(rowsNamed(GUARDED, ROWS));
    case 'write-baseline':
      return writeBaseline(rowsNamed(GUARDED, ROWS));
  }
}

try {
  if (!(await measureHere(ROWS))) process.stdout.write(perform(readOptions(process.argv.slice(2), ROWS)));
} catch (error) {
  const usage = error instanceof ConfigError;
  if (!usage && !(error instanceof RowFailure)) throw error;
  say(`${error.message}\n`);
  process.exitCode = usage ? 2 : 1;
}
