/**
 * A third place that decides which side of a split goes on: the lease of Akka's lease-majority, a quorum device, a witness.
 *
 * For each view it lets one side succeed it, and another only if the two have a member in common (the first may have failed to make its
 * view; the common member joins one of them at most). Who takes along members that have agreed to another view asks for that view's
 * side too. What it has let is durable before it is told. A restarted one that cannot read what it has let says no to everything.
 */
import { defineActor, reject, type Actor, type Context, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';

export interface ArbiterProtocol {
  /** Refused with `other-side`, `stopped`. */
  acquire(request: LeaseRequest): { readonly epoch: number };
}

/** `side` wants to succeed the view of `epoch`. */
export interface LeaseRequest {
  readonly epoch: number;
  readonly side: readonly string[];
}

export interface ArbiterState {
  /** What it has let, in order. */
  lets: { readonly epoch: number; readonly side: readonly string[] }[];
  /** Its disk has failed: it lets nobody until it is restarted. */
  stopped: boolean;
}

const FILE = 'lets';

/** The actor. */
export function splitArbiter(): Actor<ArbiterState, ArbiterProtocol> {
  return defineActor<ArbiterState, ArbiterProtocol>({
    role: 'arbiter',
    init: () => ({ lets: [], stopped: false }),
    recover: (disk) => ({ lets: disk.log<ArbiterState['lets'][number]>(FILE), stopped: disk.damage().length > 0 }),
    flows: { acquire },
    phase: ({ stopped }) => (stopped ? 'stopped' : 'arbiter'),
  });
}

function* acquire({ epoch, side }: LeaseRequest, ctx: Context<ArbiterState>): Flow<{ readonly epoch: number }> {
  const { lets, stopped } = ctx.state;
  if (stopped) throw reject('stopped', `${ctx.self.id} cannot read what it has let`);
  const others = lets.filter((one) => one.epoch === epoch);
  if (others.some((one) => !one.side.some((name) => side.includes(name)))) {
    throw reject('other-side', `${ctx.self.id} has let another side succeed view ${epoch}`);
  }
  if (!others.some((one) => one.side.join() === side.join())) {
    ctx.disk.append(FILE, { epoch, side: [...side] });
    ctx.update((state) => void state.lets.push({ epoch, side: [...side] }));
  }
  yield* syncOrStop(ctx, (state) => (state.stopped = true));
  return { epoch };
}
