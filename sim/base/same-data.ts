/**
 * Whether two plain values are seen to be equal without writing them as text: records and arrays of scalars, however deep. An
 * undefined field is as good as an absent one. False for Maps, Sets and other objects: those need a closer look.
 */
export function isSameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && areSameItems(a, b);
  return isPlainRecord(a) && isPlainRecord(b) && areSameFields(a, b);
}

const isPlainRecord = (value: object): value is Record<string, unknown> =>
  Object.getPrototypeOf(value) === Object.prototype;

function areSameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSameData(a[i], b[i])) return false;
  return true;
}

function areSameFields(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  for (const key in a) if (!isSameData(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && !Object.hasOwn(a, key)) return false;
  return true;
}
