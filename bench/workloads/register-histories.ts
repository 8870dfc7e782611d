/** Histories of one register for the checkers: third-party logs, and clients that are busy all the time. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { NEVER, type Operation } from '../../sim/index.ts';
import { etcdLog } from '../../sim/history/read/etcd-log.ts';
import { Draws } from './draws.ts';

/** Undefined unless ORRERY_HISTORIES names a folder with `etcd/*.log` in it. */
export function etcdHistories(): (readonly Operation[])[] | undefined {
  const histories = process.env['ORRERY_HISTORIES'];
  if (histories === undefined || !existsSync(histories)) return undefined;
  const folder = resolve(histories, 'etcd');
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => readLog(name, readFileSync(resolve(folder, name), 'utf8')));
}

function readLog(name: string, text: string): readonly Operation[] {
  const reader = etcdLog(name);
  for (const line of text.split('\n')) reader.line(line);
  return reader.end().operations;
}

const invocation = (id: number, client: string, f: string, input: unknown, at: number): Operation => ({
  id,
  client,
  f,
  key: '',
  input,
  output: undefined,
  outcome: 'pending',
  invoked: at,
  completed: Number.MAX_SAFE_INTEGER,
  invokedAt: at * 1_000,
  completedAt: NEVER,
});

/** A register that works: half of the operations write, each a value of its own; all clients are busy all the time. */
export function busyHistory(count: number, clients: number): Operation[] {
  const draws = new Draws();
  const operations: Operation[] = [];
  const busy: ({ id: number; applied: boolean; output: unknown } | undefined)[] = [];
  let value: unknown = null;
  let done = 0;
  for (let at = 0; done < count; at++) {
    const client = draws.below(clients);
    const open = busy[client];
    if (open === undefined) {
      if (operations.length === count) continue;
      const id = operations.length;
      busy[client] = { id, applied: false, output: undefined };
      const writes = draws.next() < 0.5;
      operations.push(invocation(id, `c${client}`, writes ? 'write' : 'read', writes ? id + 1 : undefined, at));
    } else if (!open.applied) {
      open.applied = true;
      const { f, input } = operations[open.id] as Operation;
      if (f === 'write') value = input;
      else open.output = value;
    } else {
      busy[client] = undefined;
      operations[open.id] = {
        ...(operations[open.id] as Operation),
        outcome: 'ok',
        completed: at,
        completedAt: at * 1_000,
        output: open.output,
      };
      done++;
    }
  }
  return operations;
}
