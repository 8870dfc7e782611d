/** One row of the trace in one line, the same in the page's list and in text. */
import { printable } from './markup.ts';
import type { TraceRow } from './trace-reader.ts';

export function rowText({ kind, node, peer, label, detail }: Omit<TraceRow, 'row' | 'cause' | 'sending'>): string {
  return printable(describe(kind, node, peer, label, detail));
}

function describe(
  kind: TraceRow['kind'],
  node: string,
  peer: string,
  label: string,
  detail: string | undefined,
): string {
  const more = detail === undefined || detail === 'null' ? '' : ` ${detail}`;
  switch (kind) {
    case 'send':
      return `${node} → ${peer}  ${label}${more}`;
    case 'deliver':
      return `${node} ← ${peer}  ${label}`;
    case 'drop':
      return `${peer} ✗ ${node}  ${label} DROPPED${detail === undefined ? '' : `: ${detail}`}`;
    case 'duplicate':
      return `${node} ⇉ ${peer}  ${label} duplicated`;
    case 'hold':
      return `${node} ‖ ${peer}  ${label} held`;
    case 'phase':
      return `${node} becomes ${label}`;
    case 'fault-begin':
      return `fault begins: ${label}${more}`;
    case 'fault-end':
      return `fault ends: ${label}${more}`;
    case 'invoke':
      return `${node} invokes ${label}${more.replace(/ null$/, '')}`;
    case 'complete':
      return `${node} completes ${label}${more}`;
    case 'note':
      return `${node}: ${label}`;
    case 'wake':
      return `${node} goes on`;
    case 'timer':
      return `${node} timer ${label}`;
    default:
      return `${node} ${kind} ${label === node ? '' : label}${more}`.trim();
  }
}
