/**
 * A rate limiter as a gateway among several, with counts of its own that it exchanges through a store every so often: it adds
 * what it has let through since the last time to the window's total and learns the total. No request waits for the store.
 *
 * Between two exchanges a gateway knows nothing of the others. Of n gateways that exchange at the same time, each may let
 * through what was left of the limit then, so a window may see limit + (n − 1) · (limit − known total): n times the limit
 * when all of it comes at once, and ever less as the exchanges become more frequent than the requests. While the store cannot
 * be reached each goes on with what it last knew. Windows are fixed ones (fixed-window.ts says what that costs) of the
 * gateways' monotonic clocks.
 */
import { CallError, ConfigError, NEVER, defineActor, parseDuration, parsePeriod } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import { Gate, openGate, type Arrival, type Decision, type GateOptions, type GateState } from './gate.ts';
import type { LimitStoreProtocol } from './limit-store.ts';
import { readWindow, type WindowOptions } from './window-options.ts';

export interface SyncedLimiterOptions<P> extends GateOptions<P>, WindowOptions {
  readonly store: NodeRef<LimitStoreProtocol>;
  /** Between two exchanges, above 0. Default 100 ms. */
  readonly every?: Duration;
  /** For each call to the store. Default: `every`. */
  readonly storeDeadline?: Duration;
}

interface Share {
  /** Let through by all gateways in this window, as the store last said. */
  known: number;
  /** Let through here, and on its way to the store. */
  sent: number;
  /** Let through here since. */
  mine: number;
  /** An exchange is under way. */
  busy: boolean;
}

export interface SyncedLimiterState extends GateState {
  /** Number of the window that the shares belong to. */
  window: number;
  shares: Map<string, Share>;
}

/** The actor. Counters: admitted, limited, enqueued, exchanges, exchanges-failed. Throws ConfigError. */
export function syncedLimiter<P>(options: SyncedLimiterOptions<P>): Actor<SyncedLimiterState, P> {
  const shares = new Shares(options);
  const gate = new Gate<SyncedLimiterState>(options, (arrival, ctx) => shares.decide(arrival, ctx));
  const actor: Actor<SyncedLimiterState, Record<never, never>> = {
    role: options.role ?? 'limiter',
    init: () => ({ ...openGate(), window: 0, shares: new Map() }),
    start(_state, ctx) {
      ctx.setTimer('exchange', shares.every);
    },
    timers: {
      exchange(state, ctx) {
        ctx.setTimer('exchange', shares.every);
        shares.exchangeAll(state, ctx);
      },
    },
    forward: (message, payload, ctx) => gate.forward(message, payload, ctx),
  };
  return defineActor(actor) as unknown as Actor<SyncedLimiterState, P>;
}

/** What a gateway does with its shares. Holds options only. */
class Shares {
  readonly every: Micros;
  private readonly store: NodeRef<LimitStoreProtocol>;
  private readonly limit: number;
  private readonly window: Micros;
  private readonly deadline: Micros;

  constructor(options: SyncedLimiterOptions<unknown>) {
    const { limit, window } = readWindow(options, 'syncedLimiter');
    this.store = options.store;
    this.limit = limit;
    this.window = window;
    this.every = parseDuration(options.every ?? '100ms', 'syncedLimiter.every');
    if (this.every < 1) throw new ConfigError('syncedLimiter.every', options.every, 'a duration above 0');
    this.deadline = parsePeriod(options.storeDeadline ?? this.every, 'syncedLimiter.storeDeadline');
  }

  decide({ key, cost }: Arrival, ctx: Context<SyncedLimiterState>): Decision {
    const { limit } = this;
    const now = ctx.clock.monotonic;
    return ctx.update((state) => {
      const left = (this.turnTo(state, now) + 1) * this.window - now;
      const share = state.shares.get(key) ?? { known: 0, sent: 0, mine: 0, busy: false };
      const before = share.known + share.sent + share.mine;
      const admitted = before + cost <= limit;
      if (admitted) {
        share.mine += cost;
        state.shares.set(key, share);
      }
      return {
        admitted,
        limit,
        remaining: Math.max(0, limit - before - (admitted ? cost : 0)),
        retryAfter: admitted ? 0 : cost > limit ? NEVER : left,
        delay: 0,
        resetAfter: admitted || before > 0 ? left : 0,
      };
    });
  }

  exchangeAll(state: SyncedLimiterState, ctx: Context<SyncedLimiterState>): void {
    const number = this.turnTo(state, ctx.clock.monotonic);
    for (const [key, { busy }] of state.shares) if (!busy) ctx.spawn(this.exchange(key, number, ctx));
  }

  /** The number of the present window; what belonged to another is forgotten. */
  private turnTo(state: SyncedLimiterState, now: Micros): number {
    const number = Math.floor(now / this.window);
    if (number !== state.window) state.shares.clear();
    state.window = number;
    return number;
  }

  /** For one key. After a failure it is not known whether the store has counted: it is told again, and may count twice. */
  private *exchange(key: string, number: number, ctx: Context<SyncedLimiterState>): Flow {
    const by = ctx.update(({ shares }) => {
      const share = shares.get(key) as Share;
      share.sent = share.mine;
      share.mine = 0;
      share.busy = true;
      return share.sent;
    });
    let known: number | undefined;
    try {
      // Kept for two windows: the store's clock may lag behind the gateway's.
      const payload = { key: `${number}/${key}`, by, lasts: 2 * this.window };
      known = (yield* ctx.call(this.store, 'add', payload, { deadline: this.deadline })).total;
      ctx.count('exchanges');
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.count('exchanges-failed');
    }
    ctx.update((state) => {
      const share = state.window === number ? state.shares.get(key) : undefined;
      if (share === undefined) return;
      if (known === undefined) share.mine += share.sent;
      else share.known = known;
      share.sent = 0;
      share.busy = false;
    });
  }
}
