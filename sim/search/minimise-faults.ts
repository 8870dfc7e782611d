/** Fewer faults, weaker ones, shorter ones. */
import type { Fault } from '../faults/fault.ts';
import { withoutFault } from '../faults/schedule.ts';
import { ms, s, type Micros } from '../base/time.ts';
import { least } from './bisect.ts';
import { ddmin } from './ddmin.ts';
import type { Minimiser } from './minimiser.ts';
import { weakerThan } from './weaken.ts';

/** Delta debugging, then each that is left once more. */
export function removeFaults(m: Minimiser): void {
  ddmin(m.trial.faults, (subset) => m.acceptFaults('faults', subset));
  dropOneByOne(m);
}

/** From the last to the first: later faults are more often mere company. */
export function dropOneByOne(m: Minimiser): void {
  for (const { id } of m.trial.faults.toReversed()) m.acceptFaults('faults', withoutFault(m.trial.faults, id));
}

/** Replaces each fault by the weakest form that suffices. */
export function weakenFaults(m: Minimiser): void {
  for (const { id } of m.trial.faults) {
    for (let fault = m.fault(id), better = true; fault !== undefined && better; fault = m.fault(id)) {
      better = weakerThan(fault, m.nodeNames).some((weaker) => m.acceptInstead('severity', weaker));
    }
  }
}

const TRIES = 5;

/** Ends each fault earlier, begins it later, and puts instants later: the window that matters is left. */
export function shortenFaults(m: Minimiser): void {
  for (const { id } of m.trial.faults) {
    endEarlier(m, id);
    beginLater(m, id);
  }
}

/** No window is made shorter than this: what happens within a millisecond is no question of faults any more. */
const SHORTEST = ms(1);

const grainFor = (length: Micros): Micros => (length >= s(1) ? ms(10) : length >= ms(20) ? ms(1) : 1);

function endEarlier(m: Minimiser, id: string): void {
  const fault = m.fault(id);
  if (fault === undefined || isInstant(fault)) return;
  const length = fault.for ?? m.end - fault.at;
  if (length <= SHORTEST) return;
  const grain = grainFor(length);
  const { stays: _, ...rest } = fault;
  const lasting = (n: Micros): Fault => ({ ...rest, for: n }) as Fault;
  least(shortest(length), length, (n) => m.acceptInstead('time', lasting(n)), { tries: TRIES, grain });
}

function beginLater(m: Minimiser, id: string): void {
  const fault = m.fault(id);
  if (fault === undefined) return;
  const room = isInstant(fault) ? 0 : (fault.for ?? m.end - fault.at);
  if (room <= SHORTEST) return;
  const later = (left: Micros): Fault => {
    const at = fault.at + room - left;
    return (fault.for === undefined ? { ...fault, at } : { ...fault, at, for: left }) as Fault;
  };
  const grain = grainFor(room);
  least(shortest(room), room, (left) => m.acceptInstead('time', later(left)), { tries: TRIES, grain });
}

const shortest = (length: Micros): Micros => Math.max(SHORTEST, Math.floor(length / 64));

const isInstant = ({ kind }: Fault): boolean => kind === 'restart' || kind === 'destroy' || kind === 'bit-rot';

/** Round numbers read better: whole seconds, or tenths, hundredths, thousandths, where the failure allows it. */
export function roundTimes(m: Minimiser): void {
  for (const { id } of m.trial.faults) {
    [s(1), ms(100), ms(10), ms(1)].some((unit) => {
      const fault = m.fault(id);
      if (fault === undefined) return true;
      const at = Math.round(fault.at / unit) * unit;
      const length = fault.for === undefined ? undefined : Math.max(unit, Math.round(fault.for / unit) * unit);
      if (at === fault.at && length === fault.for) return true;
      if (length !== undefined && length > 2 * (fault.for as number)) return false;
      return m.acceptInstead('time', { ...fault, at, ...(length === undefined ? {} : { for: length }) } as Fault);
    });
  }
}
