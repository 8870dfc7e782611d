/** The checks of one run, at work: each is told of the nodes that it watches, and of no others. */
import type { Micros } from '../base/time.ts';
import type { NodeRef } from '../world/actor.ts';
import type { Node } from '../world/node.ts';
import type { Observer, World } from '../world/world.ts';
import type { Check, CheckRun, NodeView, RunView } from './check.ts';
import type { Verdict } from './verdict.ts';

/** What is known of a run before it begins. */
export type RunSpan = Pick<RunView, 'end' | 'healedAt' | 'firstFaultAt'>;

class WorldView implements RunView {
  readonly end: Micros;
  readonly healedAt: Micros | undefined;
  readonly firstFaultAt: Micros | undefined;
  private readonly world: World;

  constructor(world: World, span: RunSpan) {
    this.world = world;
    this.end = span.end;
    this.healedAt = span.healedAt;
    this.firstFaultAt = span.firstFaultAt;
  }

  get now(): Micros {
    return this.world.now;
  }

  get nodes(): readonly NodeView[] {
    return this.world.nodes;
  }

  get operations(): RunView['operations'] {
    return this.world.history.operations;
  }

  get metrics(): RunView['metrics'] {
    return this.world.metrics;
  }

  node(ref: NodeRef | string): NodeView {
    return this.world.named(typeof ref === 'string' ? ref : ref.id);
  }

  state<S>(ref: NodeRef | string): S | undefined {
    const node = this.node(ref);
    return node.status === 'up' || node.status === 'paused' ? (node.state as S) : undefined;
  }
}

export class CheckBoard implements Observer {
  private readonly runs: CheckRun[];
  /** By node index: the checks that watch it. */
  private readonly watchers: CheckRun[][] = [];

  constructor(world: World, span: RunSpan, checks: readonly Check[]) {
    const view = new WorldView(world, span);
    this.runs = checks.map((check) => {
      const run = check.begin(view);
      if (run.handled !== undefined) {
        for (const id of check.watches?.(view) ?? []) {
          const node = world.named(id);
          node.watched = true;
          (this.watchers[node.index] ??= []).push(run);
        }
      }
      return run;
    });
    world.observers.push(this);
  }

  handled(node: Node): void {
    const watchers = this.watchers[node.index];
    if (watchers !== undefined) for (const run of watchers) run.handled?.(node);
  }

  finish(): Verdict[] {
    return this.runs.map((run) => run.finish());
  }
}
