/**
 * Key slots of Redis Cluster (its specification, "Key distribution model"): CRC-16 of the key modulo 16,384. When the key has a
 * *hash tag*, something between the first `{` and the first `}` after it, only that is hashed, so that related keys share a
 * slot.
 */
import { crc16 } from './crc16.ts';

export const KEY_SLOTS = 16_384;

/** 0…16,383. */
export function keySlot(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  return crc16(close > open + 1 ? key.slice(open + 1, close) : key) % KEY_SLOTS;
}
