/**
 * A virtual address: where clients send to while the machine behind it changes. It stands for the switch of a network segment,
 * which has learnt from the last claim (an advertisement, or a gratuitous ARP) at which port the address is, and passes on what
 * is sent to it.
 *
 * It knows nothing of health: until the next claim, what is sent to a dead owner is lost; and when two claim the address, it
 * belongs to whoever spoke last.
 */
import { defineActor, parsePeriod, reject } from '../../sim/index.ts';
import type { Actor, Duration, NodeRef } from '../../sim/index.ts';

export interface VirtualAddressOptions {
  /** How long an answer is waited for; longer than any caller waits. Default 30 s. */
  readonly deadline?: Duration;
  /** Default `address`. */
  readonly role?: string;
}

export interface VirtualAddressProtocol {
  claim(payload: { readonly owner: NodeRef }): void;
}

export interface VirtualAddressState {
  /** Who claimed it last. */
  owner: NodeRef | undefined;
}

/** The actor: passes on every message but `claim` to its owner. Counter: moves. Throws ConfigError. */
export function virtualAddress<P>(
  options: VirtualAddressOptions = {},
): Actor<VirtualAddressState, P & VirtualAddressProtocol> {
  const deadline = parsePeriod(options.deadline ?? '30s', 'virtualAddress.deadline');
  const actor = defineActor<VirtualAddressState, VirtualAddressProtocol>({
    role: options.role ?? 'address',
    init: () => ({ owner: undefined }),
    on: {
      claim(state, { owner }, ctx) {
        if (state.owner?.id === owner.id) return;
        state.owner = { id: owner.id, index: owner.index };
        ctx.count('moves');
        ctx.note(`is now at ${owner.id}`);
      },
    },
    *forward(message, payload, ctx) {
      const { owner } = ctx.state;
      if (owner === undefined) throw reject('unreachable', 'nobody has claimed the address');
      return yield* ctx.forward({ id: owner.id, index: owner.index }, message, payload, { deadline });
    },
  });
  return actor as unknown as Actor<VirtualAddressState, P & VirtualAddressProtocol>;
}
