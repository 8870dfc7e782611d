/**
 * A ticket server: a database whose only work is to give out numbers (Flickr, "Ticket servers: distributed unique primary keys on the
 * cheap", 2010). One of them is a single point of failure; two, with increment 2 and offsets 1 and 2, give out odd and even numbers,
 * and clients go to the other one when one is down. So are k primaries with an auto-increment column each (auto-increment.ts).
 *
 * A number is on disk before it is told, so that a crash never gives one out twice. `block` numbers are taken at once, in one write: a
 * crash skips what is left of them. Numbers of one server grow; those of two are only roughly in order.
 */
import { ConfigError, defineActor, reject, type Actor, type Context, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { checkedIncrement, nextInSequence, type IncrementOptions } from './auto-increment.ts';
import type { IdProtocol } from './id-protocol.ts';

export interface TicketServerOptions extends IncrementOptions {
  /** Numbers taken with one write, at least 1. Default 1. */
  readonly block?: number;
}

export interface TicketServerState {
  /** The last number that was given out; 0: none. */
  last: number;
  /** The last number that may be given out: it is on disk, or on its way there. */
  taken: number;
  /** Its disk has failed to sync: it gives out nothing until it is restarted. */
  broken: boolean;
}

const LOG = 'tickets';

/** Throws ConfigError. */
export function ticketServer(options: TicketServerOptions = {}): Actor<TicketServerState, IdProtocol> {
  const sequence = checkedIncrement(options, 'ticketServer');
  const { block = 1 } = options;
  if (!(Number.isSafeInteger(block) && block >= 1))
    throw new ConfigError('ticketServer.block', block, 'a whole number of at least 1');
  const next = (state: TicketServerState, ctx: Context<TicketServerState>): number => {
    if (state.broken) throw reject('disk-failed');
    const ticket = nextInSequence(state.last, sequence);
    if (ticket > state.taken) {
      const taken = ticket + (block - 1) * sequence.increment;
      ctx.disk.append(LOG, taken);
      state.taken = taken;
    }
    state.last = ticket;
    return ticket;
  };
  return defineActor<TicketServerState, IdProtocol>({
    role: 'ticket-server',
    init: () => ({ last: 0, taken: 0, broken: false }),
    recover(disk, ctx) {
      const log = disk.log<number>(LOG);
      ctx.disk.truncate(LOG, log.length);
      const taken = log.reduce((most, one) => Math.max(most, one), 0);
      return { last: taken, taken, broken: false };
    },
    flows: {
      *generate(_request, ctx): Flow<string> {
        const ticket = ctx.update((state) => next(state, ctx));
        // Also when it is of a block that was written before: that may still be on its way.
        yield* syncOrStop(ctx, (state) => void (state.broken = true));
        return `${ticket}`;
      },
    },
    phase: ({ broken }) => (broken ? 'broken' : 'ticket-server'),
  });
}
