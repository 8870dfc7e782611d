/**
 * What becomes of the sides when a group is split: a rule that each side applies to what it sees of itself.
 *
 * A rule is *safe* when any two sides that it lets go on have a member in common: the member agrees to another successor of its view only
 * in place of the first (`view-change.ts`), so at most one side goes on whatever each believes of the other. Named as in Akka's Split Brain
 * Resolver (Lightbend); the arithmetic of majorities is older (Thomas, 1979; Gifford, 1979).
 */
import type { NodeRef } from '../../sim/index.ts';
import type { ArbiterProtocol } from './arbiter.ts';

/** What a side knows when it has to decide. */
export interface Split {
  /** Members of the view that both sides come from, the oldest first. */
  readonly view: readonly string[];
  /** Those of them that reach one another, in the same order. */
  readonly side: readonly string[];
}

export interface SplitBrainResolver {
  readonly name: string;
  /** Whether this side may go on without the others. */
  survives(split: Split): boolean;
  /** Asked in addition, before a side goes on; a minority asks later, so that the majority usually wins. */
  readonly arbiter?: { readonly node: NodeRef<ArbiterProtocol>; readonly minorityDelay: number };
}
