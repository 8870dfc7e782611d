/**
 * What an event touches of its node, side by side for all nodes. With many nodes most of the time goes into fetching memory, and
 * a usual event need not fetch the node itself: a column of 10,000 nodes stays in a processor's cache where the nodes do not.
 */
import type { CompiledActor } from './compiled-actor.ts';
import type { Context } from './context.ts';

/** Marks of a node that is not as usual. */
export const PAUSED = 1;
/** An arrival cannot be handled at once. */
export const NOT_PROMPT = 2;
/** A check reads its state after each event. */
export const WATCHED = 4;
/** Its timers do not run at the rate of true time. */
export const SKEWED = 8;

export class NodeColumns {
  readonly states: unknown[] = [];
  readonly contexts: Context<unknown>[] = [];
  readonly actors: CompiledActor[] = [];
  marks = new Uint8Array(64);

  add(index: number, actor: CompiledActor, context: Context<unknown>): void {
    // Without holes, in whatever order nodes are placed.
    while (this.states.length <= index) {
      this.states.push(undefined);
      this.contexts.push(context);
      this.actors.push(actor);
    }
    this.contexts[index] = context;
    this.actors[index] = actor;
    this.makeRoom(index);
  }

  mark(index: number, mark: number, on: boolean): void {
    this.makeRoom(index);
    const marks = this.marks[index] as number;
    this.marks[index] = on ? marks | mark : marks & ~mark;
  }

  private makeRoom(index: number): void {
    if (index < this.marks.length) return;
    const marks = new Uint8Array(Math.max(index + 1, this.marks.length * 2));
    marks.set(this.marks);
    this.marks = marks;
  }
}
