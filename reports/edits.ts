/** Changes to the plan of a run, as a reader makes them: faults switched off or moved, another seed, other parameters. */
import { durationText, type Micros } from '../sim/base/time.ts';
import { clipped } from './markup.ts';
import type { Plan } from './plan.ts';

/** A fault as a schedule writes it. */
export type PlannedFault = Readonly<Record<string, unknown>> & { readonly id: string };

export const faultsOf = ({ schedule }: Plan): readonly PlannedFault[] => schedule as readonly PlannedFault[];

/** The plan with a fault of `from` taken out, or put back in. */
export function withFaultSwitched(plan: Plan, from: Plan, id: string, on: boolean): Plan {
  const others = faultsOf(plan).filter((fault) => fault.id !== id);
  const back = faultsOf(from).filter((fault) => on && fault.id === id);
  return { ...plan, schedule: [...others, ...back] };
}

/** The plan with one field of one fault set. */
export const withFaultField = (plan: Plan, id: string, field: string, value: unknown): Plan => ({
  ...plan,
  schedule: faultsOf(plan).map((fault) => (fault.id === id ? { ...fault, [field]: value } : fault)),
});

/** The plan with a fault moved to another window; one that lasts to the end, or has no length, keeps that. */
export function withWindow(plan: Plan, id: string, at: Micros, until: Micros): Plan {
  const moved = withFaultField(plan, id, 'at', durationText(at));
  const lasts = faultsOf(plan).some((fault) => fault.id === id && fault['for'] !== undefined);
  return lasts ? withFaultField(moved, id, 'for', durationText(Math.max(1, until - at))) : moved;
}

/** Fields that say what a fault is, not how long or how strong. */
const FIXED: ReadonlySet<string> = new Set(['id', 'kind']);

/** A duration, also backwards: `-250ms`. */
const DURATION = /^-?\d+(\.\d+)?\s*(us|µs|ms|s|min|m|h)$/;

/** Names of the fields that a form can hold: numbers, durations, yes or no. */
export const editableFields = (fault: PlannedFault): readonly string[] =>
  Object.entries(fault)
    .filter(([name, value]) => !FIXED.has(name) && isEditable(value))
    .map(([name]) => name);

const isEditable = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && DURATION.test(value));

/** What a reader typed, as the kind of value that stood there. A bare number where a duration stood is seconds. */
export function typed(text: string, before: unknown): unknown {
  const word = text.trim();
  const number = word === '' ? NaN : Number(word);
  if (typeof before === 'string') return Number.isFinite(number) ? `${word}s` : word;
  if (typeof before === 'boolean') return word === 'true';
  return Number.isFinite(number) ? number : word;
}

const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const shown = (value: unknown): string =>
  clipped(typeof value === 'string' ? value : (JSON.stringify(value) ?? '–'), 80);

/**
 * What was changed, in words: `without F1`, `F2 at 5s → 6s`, `seed a → b`. Empty: nothing. `durations`: names of the parameters
 * that are durations, in µs.
 */
export function editTexts(from: Plan, to: Plan, durations: readonly string[] = []): readonly string[] {
  const kept = new Map(faultsOf(to).map((fault) => [fault.id, fault]));
  const faults = faultsOf(from).flatMap((fault) => {
    const now = kept.get(fault.id);
    if (now === undefined) return [`without ${fault.id}`];
    return Object.keys(fault)
      .filter((name) => !sameValue(fault[name], now[name]))
      .map((name) => `${fault.id} ${name} ${shown(fault[name])} → ${shown(now[name])}`);
  });
  const names = [...new Set([...Object.keys(from.params), ...Object.keys(to.params)])];
  const param = (plan: Plan, name: string): string => {
    const value = plan.params[name];
    return typeof value === 'number' && durations.includes(name) ? durationText(value) : shown(value);
  };
  const params = names
    .filter((name) => !sameValue(from.params[name], to.params[name]))
    .map((name) => `${name} ${param(from, name)} → ${param(to, name)}`);
  const seed = from.seed === to.seed ? [] : [`seed ${shown(from.seed)} → ${shown(to.seed)}`];
  return [...faults, ...seed, ...params];
}
