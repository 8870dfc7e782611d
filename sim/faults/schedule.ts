/** Fault schedules: made from what authors plan, read from JSON, printed, shortened. */
import { ConfigError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import { parseFault, type Fault } from './fault.ts';
import { faultJson } from './fault-json.ts';
import { checkTargets, type Known } from './targets.ts';

export { faultText } from './fault-text.ts';
export { targetsOf } from './targets.ts';

/** Faults sorted by when they begin; each has an id of its own. */
export type FaultSchedule = readonly Fault[];

/**
 * Makes a schedule: checks each fault, sorts by (`at`, order given), and gives those without an id the next free one of F1, F2,
 * … in that order. A schedule goes through unchanged. Throws ConfigError naming the field, such as `faults[2].node`.
 */
export function schedule(faults: readonly Fault[]): FaultSchedule {
  return arrange(faults.map((fault, i) => parseFault(fault, `faults[${i}]`)));
}

function arrange(faults: readonly Fault[]): FaultSchedule {
  const taken = new Set<string>();
  for (const [i, { id }] of faults.entries()) {
    if (id !== '' && taken.has(id)) throw new ConfigError(`faults[${i}].id`, id, 'an id that no other fault has');
    taken.add(id);
  }
  let number = 0;
  const next = (): string => {
    do number++;
    while (taken.has(`F${number}`));
    return `F${number}`;
  };
  return faults.toSorted((x, y) => x.at - y.at).map((fault) => (fault.id === '' ? { ...fault, id: next() } : fault));
}

/**
 * Reads a schedule from untrusted JSON. With `known`, every node, zone and region that it names must be among these.
 * Throws ConfigError naming the field, such as `faults[2].groups[0][1]`, counted in the order given.
 */
export function parseSchedule(json: unknown, known?: Known): FaultSchedule {
  if (!Array.isArray(json)) throw new ConfigError('faults', json, 'a list of faults');
  const faults = Array.from(json as unknown[], (value, i) => parseFault(value, `faults[${i}]`));
  if (known !== undefined) faults.forEach((fault, i) => checkTargets(fault, `faults[${i}]`, known));
  return arrange(faults);
}

/** The schedule as plain JSON, durations as exact text: `parseSchedule` reads back the same schedule. */
export const scheduleJson = (planned: FaultSchedule): readonly Record<string, unknown>[] => planned.map(faultJson);

/** The schedule without one fault; all others keep their ids, and with these their random draws. */
export const withoutFault = (planned: FaultSchedule, id: string): FaultSchedule =>
  planned.filter((fault) => fault.id !== id);

/**
 * The instant from which nothing is wrong any more: when the last fault that begins before `end` has ended. 0 without faults;
 * undefined when one lasts to `end` or longer, as all do that have no `for`, a `crash` that does not restart, and `destroy`.
 * `restart` and `bit-rot` are over as they happen. Faults that are marked `stays` do not count: they hit nothing that has to heal.
 */
export function healedAt(planned: FaultSchedule, end: Micros): Micros | undefined {
  let healed: Micros = 0;
  for (const fault of planned) {
    if (fault.at >= end) continue;
    if (fault.stays === true) {
      healed = Math.max(healed, fault.at);
      continue;
    }
    const over = overAt(fault);
    if (over === undefined || over > end) return undefined;
    healed = Math.max(healed, over);
  }
  return healed;
}

function overAt(fault: Fault): Micros | undefined {
  if (fault.kind === 'restart' || fault.kind === 'bit-rot') return fault.at;
  if (fault.kind === 'destroy' || fault.for === undefined) return undefined;
  if (fault.kind === 'crash' && fault.restart === false) return undefined;
  return fault.at + fault.for;
}
