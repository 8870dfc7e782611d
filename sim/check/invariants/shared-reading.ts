/**
 * Checks that share one reading of the nodes: what several properties look at is worked out once per event, and each property
 * has a verdict of its own. Whoever takes only some of the checks pays for one reading all the same, not for one each.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Micros } from '../../base/time.ts';
import type { NodeRef } from '../../world/actor.ts';
import type { Check, CheckRun, NodeView, RunView } from '../check.ts';
import type { Verdict, Witness } from '../verdict.ts';

/** Whose states a group of invariants reads. */
export interface ReadingOptions {
  /** Read the nodes of these roles. Default: all nodes, or those of `nodes`. */
  readonly roles?: readonly string[];
  /** Read these nodes only, as when a world holds several groups. Default: all of the roles. */
  readonly nodes?: readonly (NodeRef | string)[];
  /** Added to the names of the checks, so that two groups of one scenario can be told apart. Default: nothing. */
  readonly group?: string;
}

/** What a breach is told with. */
export interface Breach {
  readonly sentence: string;
  readonly nodes: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** Ids of operations in the history. Default: none. */
  readonly operations?: readonly number[];
  /** Default: now. */
  readonly at?: Micros;
}

/** The first breach of each property. */
export class Breaches {
  private readonly view: RunView;
  private readonly first = new Map<string, Witness>();

  constructor(view: RunView) {
    this.view = view;
  }

  of(property: string): Witness | undefined {
    return this.first.get(property);
  }

  /** Keeps the breach, unless the property is broken already. */
  report(property: string, { sentence, nodes, facts, operations = [], at = this.view.now }: Breach): void {
    if (this.first.has(property)) return;
    this.first.set(property, { sentence, at, operations, nodes: [...new Set(nodes)], facts });
  }
}

/** Reads the nodes as the run goes on. */
export interface Reading {
  /** An event has been handled on a watched node, or it has crashed or booted. */
  handled(node: NodeView): void;
  /** The run is over: what is only then to be seen. */
  finish?(): void;
}

export interface Property<R> {
  readonly name: string;
  readonly promise: string;
  /** Default `always`. */
  readonly kind?: Verdict['kind'];
  /** What was looked at, when nothing was broken. */
  held(reading: R): string;
  /** Why nothing can be said although nothing is broken; undefined when something can. Default: never. */
  open?(reading: R): string | undefined;
}

export interface SharedReading<R extends Reading> extends ReadingOptions {
  begin(view: RunView, breaches: Breaches): R;
  readonly properties: readonly Property<R>[];
}

interface Shared<R> {
  readonly reading: R;
  readonly breaches: Breaches;
  finished: boolean;
}

export const isRunning = ({ status }: NodeView): boolean => status === 'up' || status === 'paused';

/** The nodes that are read, in the order of the world. Throws ConfigError when there are none. */
export function readNodes({ roles, nodes }: ReadingOptions, view: RunView): readonly string[] {
  const named = nodes?.map((node) => (typeof node === 'string' ? node : node.id));
  const found = view.nodes.filter(
    ({ id, role }) => (roles === undefined || roles.includes(role)) && (named === undefined || named.includes(id)),
  );
  if (found.length === 0)
    throw new ConfigError('invariants: roles', roles ?? named, 'a role or nodes that the world has');
  return found.map(({ id }) => id);
}

/** One check for each property. In a run, the first of them to begin reads for all. */
export function sharedChecks<R extends Reading>(options: SharedReading<R>): readonly Check[] {
  const { group } = options;
  // By run: a scenario's checks are made once and may be at work in several runs.
  const runs = new WeakMap<RunView, Shared<R>>();
  const begun = (view: RunView): (CheckRun['handled'] & object) | undefined => {
    if (runs.has(view)) return undefined;
    const breaches = new Breaches(view);
    const reading = options.begin(view, breaches);
    runs.set(view, { reading, breaches, finished: false });
    return (node) => reading.handled(node);
  };
  return options.properties.map((property): Check => {
    const name = group === undefined ? property.name : `${property.name} (${group})`;
    const { promise, kind = 'always' } = property;
    return {
      name,
      kind,
      promise,
      watches: (view) => readNodes(options, view),
      begin(view): CheckRun {
        const handled = begun(view);
        const finish = (): Verdict => verdictOf(property, runs.get(view) as Shared<R>, name, kind);
        return handled === undefined ? { finish } : { handled, finish };
      },
    };
  });
}

function verdictOf<R extends Reading>(
  property: Property<R>,
  shared: Shared<R>,
  name: string,
  kind: Verdict['kind'],
): Verdict {
  const { reading, breaches } = shared;
  if (!shared.finished) reading.finish?.();
  shared.finished = true;
  const witness = breaches.of(property.name);
  const base = { check: name, kind };
  if (witness !== undefined) return { ...base, status: 'violated', message: witness.sentence, witness };
  const open = property.open?.(reading);
  if (open !== undefined) return { ...base, status: 'undecided', message: open };
  return { ...base, status: 'held', message: property.held(reading) };
}
