/**
 * A recorded run as a log with vector clocks (Fidge 1988, Mattern 1989) for ShiViz (Beschastnikh et al., CACM 2016): for each event
 * a line `node {"node":n,…}` and a line of text. ShiViz's own default parser reads it:
 * `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`.
 */
import type { RunResult } from '../../sim/result.ts';
import { TraceReader, type TraceRow } from '../trace-reader.ts';
import { recordedTrace } from './recorded-trace.ts';

type VectorClock = Map<string, number>;

/** Rows that tell what a node did. Drops happen in the network, and ShiViz has no lane for it. */
const TOLD: ReadonlySet<string> = new Set([
  ...['send', 'deliver', 'timer', 'wake', 'phase', 'note', 'invoke', 'complete'],
  ...['crash', 'restart', 'boot', 'pause', 'resume', 'gone'],
]);

/** Throws ConfigError when the run was not recorded. */
export function shivizLog(result: RunResult): string {
  const reader = new TraceReader(recordedTrace(result));
  const clocks = new Map<string, VectorClock>();
  const sent = new Map<number, VectorClock>();
  const lines: string[] = [];
  for (let row = 1; row <= reader.rows; row++) {
    const event = reader.row(row);
    if (event.node === '' || !TOLD.has(event.kind)) continue;
    const clock = clocks.get(event.node) ?? new Map<string, number>();
    clocks.set(event.node, clock);
    clock.set(event.node, (clock.get(event.node) ?? 0) + 1);
    if (event.kind === 'deliver') join(clock, sent.get(event.sending));
    if (event.kind === 'send') sent.set(row, new Map(clock));
    lines.push(`${host(event.node)} ${clockText(clock)}`, eventText(event));
  }
  return `${lines.join('\n')}\n`;
}

function join(clock: VectorClock, other: VectorClock | undefined): void {
  for (const [node, count] of other ?? []) if (count > (clock.get(node) ?? 0)) clock.set(node, count);
}

/** A host is a word without spaces. */
const host = (node: string): string => node.replace(/\s/gu, '_');

const clockText = (clock: VectorClock): string =>
  JSON.stringify(Object.fromEntries([...clock].map(([node, count]) => [host(node), count])));

function eventText({ at, kind, label, peer, detail }: TraceRow): string {
  const words = [`${(at / 1e6).toFixed(6)} s`, kind, label];
  if (kind === 'send') words.push(`to ${peer}`);
  if (kind === 'deliver') words.push(`from ${peer}`);
  if (detail !== undefined) words.push(detail);
  return words
    .filter((word) => word !== '')
    .join(' ')
    .replace(/[\r\n]+/gu, ' ');
}
