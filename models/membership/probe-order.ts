/**
 * Whom to probe next. SWIM's own way (§4.3) goes round a list of the members and shuffles it after each round; who is new is put in
 * at a random place. So n members probe each other at least once in 2n − 1 periods: first in one round and last in the next. Choosing
 * at random in each period finds a crash as soon on average, but gives no bound.
 */
import type { RandomStream } from '../../sim/index.ts';

export interface ProbeOrder {
  /** Names of the other members. */
  order: string[];
  /** Place in `order` of the next one. */
  next: number;
}

export function insertProbed(probes: ProbeOrder, id: string, random: RandomStream): void {
  const place = random.between(0, probes.order.length);
  probes.order.splice(place, 0, id);
  if (place < probes.next) probes.next++;
}

export function removeProbed(probes: ProbeOrder, id: string): void {
  const place = probes.order.indexOf(id);
  if (place < 0) return;
  probes.order.splice(place, 1);
  if (place < probes.next) probes.next--;
}

/** The next one; undefined when there is nobody. */
export function nextProbed(probes: ProbeOrder, random: RandomStream): string | undefined {
  if (probes.next >= probes.order.length) {
    probes.order = random.shuffle(probes.order);
    probes.next = 0;
  }
  return probes.order[probes.next++];
}
