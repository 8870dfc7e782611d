import type { TraceData } from '../../sim/trace/trace.ts';
import { staleRead } from '../support/register-result.ts';

/** Length of the run, µs. */
export const RUN = 10_000_000;

/** Messages among eleven nodes with payloads that hardly repeat. */
export function busyTrace(messages: number): TraceData {
  let state = 1;
  const draw = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  const base = staleRead().result.trace as TraceData;
  const columns = {
    at: [] as number[],
    kind: [] as number[],
    node: [] as number[],
    peer: [] as number[],
    label: [] as number[],
    cause: [] as number[],
    sending: [] as number[],
  };
  const detail: Record<number, string> = {};
  const add = (at: number, kind: string, node: number, peer: number, cause: number, sending: number): number => {
    columns.at.push(at);
    columns.kind.push(base.kinds.indexOf(kind));
    columns.node.push(node);
    columns.peer.push(peer);
    columns.label.push(draw(3));
    columns.cause.push(cause);
    columns.sending.push(sending);
    return columns.at.length;
  };
  for (let i = 0; i < messages; i++) {
    const at = Math.floor((i * RUN) / messages) + draw(40);
    const [from, to] = [draw(11), draw(11)];
    const row = add(at, 'send', from, to, Math.max(0, columns.at.length - draw(20)), 0);
    detail[row] = `{"key":"k${draw(9)}","value":${draw(100_000)}}`;
    add(at + draw(50), 'deliver', to, from, row, row);
  }
  return { ...base, ...columns, detail, to: RUN, nodes: Array.from({ length: 11 }, (_, i) => `n${i}`) };
}
