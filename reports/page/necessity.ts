/** Which faults the failure needs: the recorded run without each of them in turn, when nobody else wants the engine. */
import type { Plan } from '../plan.ts';
import { faultsOf } from '../edits.ts';
import type { Became } from './engine/messages.ts';
import type { Engine } from './engine/engine.ts';

/** More than so much host time is spent only when asked for, milliseconds. */
const UNASKED = 15_000;

export interface NecessityParts {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly property: string;
  /** What the recorded run took, milliseconds. */
  readonly elapsedMs: number;
  /** What is known already. */
  readonly known: ReadonlyMap<string, Became>;
  /** Called after each answer. */
  found(without: ReadonlyMap<string, Became>): void;
}

/** Answers by fault, as far as they are worth their time. */
export async function findNecessity(parts: NecessityParts): Promise<void> {
  const { engine, plan, property, elapsedMs, found } = parts;
  const without = new Map(parts.known);
  const open = faultsOf(plan).filter(({ id }) => !without.has(id));
  found(without);
  if (open.length * elapsedMs > UNASKED) return;
  for (const { id } of open) {
    const { became } = await engine.ask<'judge'>({ name: 'judge', plan, property, without: id });
    without.set(id, became);
    found(without);
  }
}
