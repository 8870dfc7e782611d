/** Which of several targets a client turns to. */
import type { Context, NodeRef } from '../../sim/index.ts';
import type { ClientState } from './client-state.ts';

/**
 * `rotate`: the next target for each operation and each attempt. `random`: any. `sticky`: the one that answered last, and the
 * next one after each failed attempt.
 */
export type Routing = (typeof ROUTINGS)[number];

export const ROUTINGS = ['rotate', 'random', 'sticky'] as const;

/** The target of attempt `attempt` (1, 2, …) of operation `n`. */
export function chooseTarget<P>(
  routing: Routing = 'rotate',
  targets: readonly NodeRef<P>[],
  ctx: Context<ClientState>,
  n: number,
  attempt: number,
): NodeRef<P> {
  if (targets.length === 1) return targets[0] as NodeRef<P>;
  if (routing === 'random') return ctx.random.pick(targets);
  const first = routing === 'sticky' ? ctx.state.preferred : n;
  return targets[(first + attempt - 1) % targets.length] as NodeRef<P>;
}

/** Remembers who answered. */
export function learnTarget<P>(
  routing: Routing = 'rotate',
  targets: readonly NodeRef<P>[],
  ctx: Context<ClientState>,
  target: NodeRef<P>,
): void {
  if (routing !== 'sticky') return;
  const index = targets.indexOf(target);
  if (index >= 0 && index !== ctx.state.preferred) ctx.update((state) => (state.preferred = index));
}
