/** Readers of third-party histories: the log lines of a register test against etcd, and EDN maps. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NEVER } from '../../sim/base/time.ts';
import type { Operation, Outcome } from '../../sim/history/operation.ts';
import { PRECONDITION_FAILED } from '../../sim/check/linearizability/register-step.ts';

/** One line of a history: something began or ended. */
export interface HistoryEvent {
  readonly process: string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly value: unknown;
  readonly key?: string;
}

const FOLDER = fileURLToPath(new URL('../../../shared/histories/', import.meta.url));

/** The path of a folder of labelled histories beside the project; undefined, after saying so, when it is not there. */
export function labelledHistories(folder: string): string | undefined {
  const path = `${FOLDER}${folder}/`;
  if (existsSync(path)) return path;
  process.stderr.write(`skipped: no labelled histories at ${path}\n`);
  return undefined;
}

/** Pairs invocations with completions; the only clock is the order of the events, shown as one millisecond each. */
export function operationsOf(events: readonly HistoryEvent[]): Operation[] {
  const operations: Operation[] = [];
  const open = new Map<string, number>();
  events.forEach((event, at) => {
    if (event.type === 'invoke') {
      open.set(event.process, operations.length);
      operations.push({
        id: operations.length,
        client: `c${event.process}`,
        f: event.f,
        key: event.key ?? '',
        input: event.f === 'read' ? undefined : event.value,
        output: undefined,
        outcome: 'pending',
        invoked: at,
        completed: Number.MAX_SAFE_INTEGER,
        invokedAt: at * 1_000,
        completedAt: NEVER,
      });
      return;
    }
    const id = open.get(event.process);
    if (id === undefined) return;
    open.delete(event.process);
    const operation = operations[id] as Operation;
    const outcome: Outcome = event.type;
    operations[id] = {
      ...operation,
      outcome,
      completed: outcome === 'info' ? Number.MAX_SAFE_INTEGER : at,
      completedAt: at * 1_000,
      output: outputOf(operation, event),
    };
  });
  return operations;
}

function outputOf(operation: Operation, event: HistoryEvent): unknown {
  if (event.type === 'ok' && operation.f === 'read') return event.value;
  if (event.type === 'fail' && operation.f === 'cas' && event.value !== 'timed-out') return PRECONDITION_FAILED;
  return undefined;
}

/** etcd logs: `INFO  jepsen.util - 4\t:invoke\t:cas\t[1 2]`; nil is a value. */
export function readEtcdLog(path: string): Operation[] {
  const events: HistoryEvent[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const match = /^INFO\s+jepsen\.util - (\d+)\t:(invoke|ok|fail|info)\t:(\w+)\t(.*)$/.exec(line);
    if (match === null) continue;
    const [, process = '', type, f = '', value = ''] = match;
    events.push({ process, type: type as HistoryEvent['type'], f, value: readEdn(value) });
  }
  return operationsOf(events);
}

/** A vector or list of EDN maps; a completed read of nil is unknown. */
export function readEdnHistory(path: string): Operation[] {
  const events: HistoryEvent[] = [];
  for (const map of readEdn(readFileSync(path, 'utf8')) as Record<string, unknown>[]) {
    if (map['process'] === 'nemesis') continue;
    const value = map['f'] === 'read' && map['value'] === null ? undefined : map['value'];
    events.push({
      process: String(map['process']),
      type: map['type'] as HistoryEvent['type'],
      f: String(map['f']),
      value,
    });
  }
  return operationsOf(events);
}

/** One EDN value: numbers, strings, keywords (as text), nil, booleans, vectors, lists, maps with keyword keys. */
export function readEdn(text: string): unknown {
  const tokens =
    text.replace(/("(?:\\.|[^"\\])*")|;[^\n]*/g, '$1').match(/"(?:\\.|[^"\\])*"|[()[\]{}]|[^\s,()[\]{}"]+/g) ?? [];
  let at = 0;
  const value = (): unknown => {
    const token = tokens[at++];
    if (token === undefined) throw new Error('EDN: the text ends inside a value');
    if (token === '[' || token === '(') return sequence(token === '[' ? ']' : ')');
    if (token === '{') {
      const items = sequence('}');
      return Object.fromEntries(
        Array.from({ length: items.length / 2 }, (_, i) => [String(items[2 * i]), items[2 * i + 1]]),
      );
    }
    if (token.startsWith('"')) return JSON.parse(token) as string;
    if (token.startsWith(':')) return token.slice(1);
    if (token === 'nil') return null;
    if (token === 'true' || token === 'false') return token === 'true';
    return /^-?\d/.test(token) ? Number(token) : token;
  };
  const sequence = (end: string): unknown[] => {
    const items: unknown[] = [];
    while (tokens[at] !== end) items.push(value());
    at++;
    return items;
  };
  return value();
}
