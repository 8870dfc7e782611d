/** Large list-append histories from a strict serializable store, for measuring. */
import type { Operation } from '../../sim/history/operation.ts';
import { numbers } from './register-histories.ts';

/** `clients` always busy, 1–4 micro-operations each, `keysAtOnce` keys of at most `listLength` elements in use at a time. */
export function largeTransactions(
  seed: number,
  count: number,
  clients: number,
  keysAtOnce = 30,
  listLength = 100,
): Operation[] {
  const below = numbers(seed);
  const state = new Map<number, number[]>();
  const active = Array.from({ length: keysAtOnce }, (_, key) => key);
  let nextKey = keysAtOnce;
  const operations: Operation[] = [];
  const busy: { id: number; f: string }[] = [];
  let event = 0;
  const run = (): { input: unknown[]; output: unknown[] } => {
    const input: unknown[] = [];
    const output: unknown[] = [];
    for (let steps = 1 + below(4); steps > 0; steps--) {
      const slot = below(keysAtOnce);
      const key = active[slot] as number;
      const list = state.get(key) ?? [];
      if (below(2) === 0) {
        input.push(['r', `${key}`, null]);
        output.push(['r', `${key}`, [...list]]);
        continue;
      }
      state.set(key, list);
      list.push(list.length + 1);
      input.push(['append', `${key}`, list.length]);
      output.push(['append', `${key}`, list.length]);
      if (list.length >= listLength) active[slot] = nextKey++;
    }
    return { input, output };
  };
  const complete = (slot: number): void => {
    const { id } = busy[slot] as { id: number };
    const { input, output } = run();
    operations[id] = {
      ...(operations[id] as Operation),
      input,
      output,
      outcome: 'ok',
      completed: event,
      completedAt: event++,
    };
  };
  for (let id = 0; id < count; id++) {
    const slot = below(clients);
    if (busy[slot] !== undefined) complete(slot);
    busy[slot] = { id, f: 'txn' };
    operations.push({
      id,
      client: `c${slot}`,
      f: 'txn',
      key: '',
      input: [],
      output: undefined,
      outcome: 'pending',
      invoked: event,
      completed: Number.MAX_SAFE_INTEGER,
      invokedAt: event++,
      completedAt: event,
    });
  }
  busy.forEach((open, slot) => {
    if (open !== undefined) complete(slot);
  });
  return operations;
}
