/**
 * What the session models need of a history: per client the chain of what it did, with small numbers for keys and values.
 *
 * A session's order is "completed before the next was invoked". An indefinite write comes after what its client had done
 * before, and before nothing: it may take effect late. So it is a chain of its own. Reads without a known value, writes that
 * failed and indefinite reads are gone; failed writes are remembered, to name an aborted read.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import { casArguments, ValueNumbers } from '../linearizability/register-step.ts';

/** `from` of a step that reads nothing, `to` of a step that writes nothing. */
export const NONE = -1;

export interface SessionStep {
  readonly op: Operation;
  /** Index among the steps, in order of invocation. */
  readonly index: number;
  readonly key: number;
  /** Number of the value read (read, cas), or NONE. 0 is the initial value. */
  readonly from: number;
  /** Number of the value written (write, cas), or NONE. */
  readonly to: number;
  /** It certainly happened. */
  readonly definite: boolean;
  /** Number of the client. */
  readonly client: number;
  readonly chain: number;
  /** Place in the chain. */
  readonly place: number;
}

export interface SessionOptions {
  /** Every key's value before the first write. Default: null. */
  readonly initial?: unknown;
}

export interface Sessions {
  readonly steps: readonly SessionStep[];
  /** Chains of step indexes. The first `clients` are the clients' own, the others hold one indefinite write each. */
  readonly chains: readonly (readonly number[])[];
  readonly clients: number;
  readonly keys: number;
  readonly values: ValueNumbers;
  /** For an indefinite step: what its client had done before, or NONE. */
  readonly after: readonly number[];
  /** Failed writes by key and value number: `key values.size + value`. */
  readonly failed: ReadonlyMap<string, Operation>;
  /** Why the history is none of sequential sessions, if so. */
  readonly flaw: string | undefined;
}

type Draft = { -readonly [K in keyof SessionStep]: SessionStep[K] };

/** Names a key and a value number together. */
export const slotOf = (key: number, value: number): string => `${key}/${value}`;

/** Reads the sessions out of a history of reads, writes and compare-and-sets. Throws ConfigError for another operation. */
export function sessionsOf(operations: readonly Operation[], { initial }: SessionOptions = {}): Sessions {
  const ordered = operations.toSorted((a, b) => a.invoked - b.invoked);
  const values = new ValueNumbers(initial);
  const keys = new Map<string, number>();
  const clients = new Map<string, number>();
  const failed = new Map<string, Operation>();
  const drafts: Draft[] = [];
  for (const op of ordered) {
    const [from, to] = effect(op, values);
    const key = numberOf(keys, op.key);
    if (op.outcome === 'fail' && to !== NONE) failed.set(slotOf(key, to), op);
    if (op.outcome === 'fail' || (from === NONE && to === NONE)) continue;
    const definite = op.outcome === 'ok';
    if (!definite && to === NONE) continue;
    drafts.push({
      op,
      index: drafts.length,
      key,
      from,
      to,
      definite,
      client: numberOf(clients, op.client),
      chain: 0,
      place: 0,
    });
  }
  return { ...chained(drafts, clients.size), keys: keys.size, values, failed };
}

function chained(
  drafts: readonly Draft[],
  clients: number,
): Pick<Sessions, 'steps' | 'chains' | 'clients' | 'after' | 'flaw'> {
  const chains: number[][] = Array.from({ length: clients }, () => []);
  const after: number[] = [];
  let flaw: string | undefined;
  for (const step of drafts) {
    const own = chains[step.client] as number[];
    const previous = own.at(-1) ?? NONE;
    after.push(step.definite ? NONE : previous);
    const before = drafts[previous];
    if (before !== undefined && before.op.completed > step.op.invoked) {
      flaw ??= `${step.op.client} had operations ${before.op.id} and ${step.op.id} open at once: that is no session`;
    }
    step.chain = step.definite ? step.client : chains.length;
    if (!step.definite) chains.push([]);
    const chain = chains[step.chain] as number[];
    step.place = chain.length;
    chain.push(step.index);
  }
  return { steps: drafts, chains, clients, after, flaw };
}

function numberOf(numbers: Map<string, number>, name: string): number {
  let number = numbers.get(name);
  if (number === undefined) numbers.set(name, (number = numbers.size));
  return number;
}

function effect(op: Operation, values: ValueNumbers): readonly [number, number] {
  switch (op.f) {
    case 'read':
      return [op.outcome === 'ok' && op.output !== undefined ? values.of(op.output) : NONE, NONE];
    case 'write':
      return [NONE, values.of(op.input)];
    case 'cas': {
      const [from, to] = casArguments(op);
      return [values.of(from), values.of(to)];
    }
    default:
      throw new ConfigError(`operation ${op.id}: f`, op.f, "'read', 'write' or 'cas'");
  }
}
