/** Writes the world's events into a trace, in the world's terms. */
import { canonicalJson } from '../base/json.ts';
import type { Trace, TraceKind } from '../trace/trace.ts';
import { EventKind } from './event-kind.ts';
import type { Envelope } from './network.ts';
import type { Node } from './node.ts';
import type { World } from './world.ts';
import type { CallOp, Response } from './call.ts';

export class Tracer {
  private readonly world: World;
  readonly trace: Trace;
  private readonly phases: string[] = [];

  constructor(world: World, trace: Trace) {
    this.world = world;
    this.trace = trace;
  }

  private label(kind: number, message: number, payload: unknown): string {
    if (kind === EventKind.response) {
      const response = payload as Response;
      return `${response.call.message} ${response.succeeded ? 'reply' : 'error'}`;
    }
    return this.world.messages.names[message] ?? '';
  }

  private detail(kind: number, payload: unknown): string {
    if (kind === EventKind.request) return canonicalJson((payload as CallOp).payload);
    if (kind === EventKind.response) return canonicalJson((payload as Response).value);
    return canonicalJson(payload);
  }

  sent(from: Node, to: Node, kind: number, message: number, payload: unknown): number {
    const { now, queue } = this.world;
    const detail = this.trace.covers(now) ? this.detail(kind, payload) : undefined;
    return this.trace.add(
      'send',
      now,
      from.index,
      to.index,
      this.label(kind, message, payload),
      queue.currentCause,
      0,
      detail,
    );
  }

  duplicated(from: Node, to: Node, e: Envelope): void {
    this.trace.add(
      'duplicate',
      this.world.now,
      from.index,
      to.index,
      this.label(e.kind, e.message, e.payload),
      e.cause,
      e.cause,
    );
  }

  held(from: Node, to: Node, e: Envelope): void {
    this.trace.add(
      'hold',
      this.world.now,
      from.index,
      to.index,
      this.label(e.kind, e.message, e.payload),
      e.cause,
      e.cause,
    );
  }

  /** `why`: partition, loss, reset, crashed. The row belongs to the node that did not get the message. */
  dropped(from: Node, to: Node, e: Envelope, why: string): void {
    const label = this.label(e.kind, e.message, e.payload);
    this.trace.add('drop', this.world.now, to.index, from.index, label, e.cause, e.cause, why);
  }

  delivered(to: Node, from: number, kind: number, message: number, payload: unknown, cause: number): number {
    return this.trace.add('deliver', this.world.now, to.index, from, this.label(kind, message, payload), cause, cause);
  }

  /** Anything that concerns one node. */
  at(kind: TraceKind, node: Node | undefined, label: string, cause: number, detail?: string): number {
    return this.trace.add(kind, this.world.now, node?.index ?? -1, -1, label, cause, 0, detail);
  }

  /** Adds a row when the node's phase has changed since it was last asked. */
  phase(node: Node, cause: number): void {
    const phase = node.phase;
    if (this.phases[node.index] === phase) return;
    this.phases[node.index] = phase;
    this.at('phase', node, phase, cause);
  }
}
