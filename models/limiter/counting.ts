/** The contract of gateways that count in a store: how one decision is made there. */
import type { Context, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { Decision, GateState } from './gate.ts';
import type { LimitStoreProtocol } from './limit-store.ts';

/** What is to be decided. */
export interface Counted {
  readonly key: string;
  readonly cost: number;
}

export interface Counting {
  readonly name: string;
  /** Asks the store; each of its calls has `deadline`. Fails with CallError when the store does not answer. */
  decide(
    counted: Counted,
    store: NodeRef<LimitStoreProtocol>,
    deadline: Micros,
    ctx: Context<GateState>,
  ): Flow<Decision>;
}
