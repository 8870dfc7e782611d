/**
 * Measures a row in a process of its own. In one process the rows would train the compiler on one another: a call that is
 * always of one kind in a run would be of ten kinds here, and memory would be everybody's.
 */
import { execFileSync } from 'node:child_process';
import { peakMemory } from './memory.ts';
import type { Measured, Row, Scale } from './row.ts';

/** Set in the processes that measure. */
const MEASURING = 'ORRERY_BENCH_ROW';

interface Order {
  readonly row: string;
  readonly scale: Scale;
}

/** The row could not be measured. */
export class RowFailure extends Error {}

/** `program`: what to start; it has to begin with `measureHere`. Throws RowFailure; why is on stderr. */
export function measureApart(program: string, { name: row }: Row, scale: Scale): Measured {
  const order: Order = { row, scale };
  const env = { ...process.env, [MEASURING]: JSON.stringify(order) };
  try {
    const text = execFileSync(process.execPath, [...process.execArgv, program], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 24,
    });
    return JSON.parse(text) as Measured;
  } catch (error) {
    throw new RowFailure(`row ${row} could not be measured: ${(error as Error).message}`);
  }
}

/** In a process that `measureApart` started: measures, prints, and is true. False in any other. */
export async function measureHere(rows: readonly Row[]): Promise<boolean> {
  const text = process.env[MEASURING];
  if (text === undefined) return false;
  const order = JSON.parse(text) as Order;
  const row = rows.find(({ name }) => name === order.row);
  if (row === undefined) throw new Error(`${MEASURING} names no row: ${order.row}`);
  const entries = await row.measure(order.scale);
  const measured: Measured = { row: row.name, peak: peakMemory(), entries };
  process.stdout.write(JSON.stringify(measured));
  return true;
}
