/** Operations in words. */
import { NEVER } from '../sim/base/time.ts';
import type { Operation } from '../sim/history/operation.ts';
import { valueText } from './plain-value.ts';

const READS: ReadonlySet<string> = new Set(['read', 'get']);

/** Whether the operation only asks. */
export const isRead = (operation: Operation): boolean => operation.input === undefined || READS.has(operation.f);

/** `write k1 = 895`, `read k1`, `cas k1 [1,2]`. */
export function askedText({ f, key, input }: Operation): string {
  const object = key === '' ? f : `${f} ${key}`;
  if (input === undefined || input === null) return object;
  return `${object}${f === 'write' || f === 'put' || f === 'set' ? ' =' : ''} ${valueText(input)}`;
}

/** What came back: `887`, `acknowledged`, `refused: stale`, `no answer`. */
export function answerText(operation: Operation): string {
  switch (operation.outcome) {
    case 'ok':
      return operation.output === undefined && !isRead(operation) ? 'acknowledged' : valueText(operation.output);
    case 'fail':
      return `refused${operation.error === undefined ? '' : `: ${valueText(operation.error)}`}`;
    case 'info':
      return `no answer${operation.error === undefined ? '' : ` (${valueText(operation.error)})`}`;
    case 'pending':
      return 'still open';
  }
}

/** Whether the client knows when it ended. */
export const isAnswered = (operation: Operation): boolean =>
  operation.completedAt < NEVER && (operation.outcome === 'ok' || operation.outcome === 'fail');
