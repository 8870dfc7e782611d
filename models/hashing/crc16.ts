/**
 * CRC-16/XMODEM (polynomial 0x1021, initial value 0, not reflected): what Redis Cluster's key slots are made of. A checksum, not
 * a mixing hash; good enough there because slots are many more than nodes.
 */
import { byteString } from './hash-function.ts';

/** An unsigned 16-bit number. */
export function crc16(text: string): number {
  const bytes = byteString(text);
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes.charCodeAt(i) << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    crc &= 0xffff;
  }
  return crc;
}
