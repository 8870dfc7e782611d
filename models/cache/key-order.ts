/**
 * Keys in a line: to the back, out of the middle and off the front in constant time.
 *
 * A doubly linked list as plain data, so that it can be part of a state. (A Map keeps insertion order too, but finding its first
 * key steps over the holes that deletions left behind, which is not constant.)
 */

interface Place {
  before: string | undefined;
  after: string | undefined;
}

export interface KeyOrder {
  places: Map<string, Place>;
  front: string | undefined;
  back: string | undefined;
}

export const noKeys = (): KeyOrder => ({ places: new Map(), front: undefined, back: undefined });

/** Puts a key that is not in the line at its back. */
export function append(order: KeyOrder, key: string): void {
  order.places.set(key, { before: order.back, after: undefined });
  if (order.back === undefined) order.front = key;
  else (order.places.get(order.back) as Place).after = key;
  order.back = key;
}

/** Takes a key out. */
export function take(order: KeyOrder, key: string): void {
  const place = order.places.get(key);
  if (place === undefined) return;
  const { before, after } = place;
  if (before === undefined) order.front = after;
  else (order.places.get(before) as Place).after = after;
  if (after === undefined) order.back = before;
  else (order.places.get(after) as Place).before = before;
  order.places.delete(key);
}

/** Moves a key of the line to its back. */
export function moveToBack(order: KeyOrder, key: string): void {
  const place = order.places.get(key);
  if (place === undefined || order.back === key) return;
  const { before, after } = place;
  if (before === undefined) order.front = after;
  else (order.places.get(before) as Place).after = after;
  (order.places.get(after as string) as Place).before = before;
  (order.places.get(order.back as string) as Place).after = key;
  place.before = order.back;
  place.after = undefined;
  order.back = key;
}

/** Takes the front key and returns it. */
export function takeFront(order: KeyOrder): string | undefined {
  const key = order.front;
  if (key !== undefined) take(order, key);
  return key;
}

/** Which one comes after it, towards the back; undefined at the back. */
export const after = (order: KeyOrder, key: string): string | undefined => order.places.get(key)?.after;
