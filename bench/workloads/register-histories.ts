/** Histories of one register for the checkers: third-party logs, and clients that are busy all the time. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { NEVER, type Operation } from '../../sim/index.ts';
import { PRECONDITION_FAILED } from '../../sim/check/linearizability/register-step.ts';
import { Draws } from './draws.ts';

interface Event {
  readonly process: string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly value: unknown;
}

const LINE = /^INFO\s+jepsen\.util - (\d+)\t:(invoke|ok|fail|info)\t:(\w+)\t(.*)$/;

/** Undefined unless ORRERY_HISTORIES names a folder with `etcd/*.log` in it. */
export function etcdHistories(): Operation[][] | undefined {
  const histories = process.env['ORRERY_HISTORIES'];
  if (histories === undefined || !existsSync(histories)) return undefined;
  const folder = resolve(histories, 'etcd');
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => readLog(readFileSync(resolve(folder, name), 'utf8')));
}

function readLog(text: string): Operation[] {
  const operations: Operation[] = [];
  const open = new Map<string, number>();
  let at = 0;
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, process = '', type = '', f = '', value = ''] = match;
    add(operations, open, { process, type: type as Event['type'], f, value: readValue(value) }, at++);
  }
  return operations;
}

/** `nil`, a number, a keyword, or a pair of numbers. */
function readValue(text: string): unknown {
  const pair = /^\[(\d+) (\d+)\]$/.exec(text);
  if (pair !== null) return [Number(pair[1]), Number(pair[2])];
  return text === 'nil' ? null : text.startsWith(':') ? text.slice(1) : Number(text);
}

function add(operations: Operation[], open: Map<string, number>, event: Event, at: number): void {
  const { process, type, f, value } = event;
  if (type === 'invoke') {
    open.set(process, operations.length);
    operations.push(invocation(operations.length, `c${process}`, f, f === 'read' ? undefined : value, at));
    return;
  }
  const id = open.get(process);
  if (id === undefined) return;
  open.delete(process);
  const refused = type === 'fail' && f === 'cas' && value !== 'timed-out';
  const output = refused ? PRECONDITION_FAILED : type === 'ok' && f === 'read' ? value : undefined;
  const completed = type === 'info' ? Number.MAX_SAFE_INTEGER : at;
  operations[id] = { ...(operations[id] as Operation), outcome: type, completed, completedAt: at * 1_000, output };
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
