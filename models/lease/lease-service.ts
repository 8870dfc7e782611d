/**
 * A lock service that hands out leases: the right to act alone, until a time.
 *
 * At most one lease is valid by the service's own clock. Every grant carries a fencing token, larger than any before it, durable
 * before it is told. That is all that a lock service can promise: a holder whose clock runs slow, or which is paused between looking
 * at its clock and acting, acts after its lease has ended and another's has begun. Only the protected resource can stop
 * it, by refusing tokens below the highest it has seen (see protected-resource.ts).
 *
 * Leases: Gray and Cheriton, SOSP 1989; sequencers as fencing tokens: Burrows, "The Chubby lock service", OSDI 2006, §2.4. A
 * restarted service does not know whom it has granted what, so it grants nothing for the longest term first. Simplified: one lock,
 * one service node; a replicated service keeps the same state in a replicated log.
 */
import {
  ConfigError,
  defineActor,
  parseDuration,
  reject,
  type Actor,
  type Context,
  type Duration,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';

export interface LeaseServiceProtocol {
  /**
   * Asks for the lease. A holder that asks again is given the rest of its lease, with a new token: it may have restarted, or given up
   * on a request that is still on its way, and what it sent before must not pass for what it sends now. Refused with `held`
   * or `recovering`.
   */
  acquire(request: { readonly holder: string }): LeaseGrant;
  /** Extends a lease by its full term. Refused with `expired` once the service has given it up. */
  renew(request: { readonly holder: string; readonly token: number }): LeaseGrant;
  release(request: { readonly holder: string; readonly token: number }): void;
}

export interface LeaseGrant {
  /** Fencing token: larger than that of every grant before. */
  readonly token: number;
  /** Length of the lease from now, µs. */
  readonly term: number;
}

export interface LeaseServiceState {
  /** '' for nobody. */
  holder: string;
  /** The token of the present or last lease. */
  token: number;
  /** When the lease ends, on the service's monotonic clock. */
  expiresAt: number;
  /** After a restart: grants nothing before, on its monotonic clock. */
  closedUntil: number;
  /** The latest grant of this life that was told, and when it ends or was given back, on the monotonic clock; token 0 for none. */
  latest: { holder: string; token: number; from: number; until: number };
  /** Its disk has failed to sync: it grants nothing until it is restarted. */
  broken: boolean;
}

export interface LeaseServiceOptions {
  /** Length of a lease. Default 1 s. */
  readonly term?: Duration;
}

const TOKENS = 'tokens';
const NOT_GRANTED: LeaseServiceState['latest'] = { holder: '', token: 0, from: 0, until: 0 };
type LeaseContext = Context<LeaseServiceState>;

/** Throws ConfigError for a term of 0. */
export function leaseService(options: LeaseServiceOptions = {}): Actor<LeaseServiceState, LeaseServiceProtocol> {
  const term = parseDuration(options.term ?? '1s', 'leaseService.term');
  if (term === 0) throw new ConfigError('leaseService.term', term, 'a duration above 0');

  const mustHold = (state: LeaseServiceState, holder: string, token: number, ctx: LeaseContext): void => {
    if (state.holder !== holder || state.token !== token || ctx.clock.monotonic >= state.expiresAt) {
      throw reject('expired', `${holder} does not hold lease ${token} any more`);
    }
  };
  const grant = (state: LeaseServiceState, holder: string, ctx: LeaseContext): LeaseGrant => {
    if (state.broken) throw reject('disk-failed');
    const now = ctx.clock.monotonic;
    if (now < state.closedUntil)
      throw reject('recovering', `${ctx.self.id} waits for the leases of its last life to end`);
    const held = state.holder !== '' && now < state.expiresAt;
    if (held && state.holder !== holder) throw reject('held', `${state.holder} holds the lease`);
    ctx.disk.append(TOKENS, state.token + 1);
    state.token++;
    state.holder = holder;
    if (!held) state.expiresAt = now + term;
    ctx.note(`grants ${held ? 'the rest of its lease as' : 'lease'} ${state.token} to ${holder}`);
    return { token: state.token, term: state.expiresAt - now };
  };

  return defineActor<LeaseServiceState, LeaseServiceProtocol>({
    role: 'lease-service',
    init: () => ({ holder: '', token: 0, expiresAt: 0, closedUntil: 0, latest: { ...NOT_GRANTED }, broken: false }),
    recover(disk, ctx) {
      const tokens = disk.log<number>(TOKENS);
      ctx.disk.truncate(TOKENS, tokens.length);
      return {
        holder: '',
        token: Math.max(0, ...tokens),
        expiresAt: 0,
        closedUntil: ctx.clock.monotonic + term,
        latest: { ...NOT_GRANTED },
        broken: false,
      };
    },
    on: {
      renew(state, { holder, token }, ctx) {
        mustHold(state, holder, token, ctx);
        state.expiresAt = ctx.clock.monotonic + term;
        state.latest.until = state.expiresAt;
        return { token, term };
      },
      release(state, { holder, token }, ctx) {
        mustHold(state, holder, token, ctx);
        state.holder = '';
        state.latest.until = ctx.clock.monotonic;
      },
    },
    flows: {
      *acquire({ holder }, ctx) {
        const from = ctx.clock.monotonic;
        const granted = ctx.update((state) => grant(state, holder, ctx));
        yield* syncOrStop(ctx, (state) => void (state.broken = true));
        ctx.update((state) => {
          if (granted.token > state.latest.token)
            state.latest = { holder, token: granted.token, from, until: from + granted.term };
        });
        return granted;
      },
    },
  });
}
