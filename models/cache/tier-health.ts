/** Which cache servers an application takes to be away, from what its own calls have met. */
import { CallError } from '../../sim/index.ts';
import type { Context, Flow, Micros, Op } from '../../sim/index.ts';
import type { CacheServerRef, CacheTier } from './cache-tier.ts';

export interface ServerHealth {
  /** Failed calls in a row. */
  failures: number;
  /** Not asked before this instant of the application's clock. */
  awayUntil: Micros;
}

interface Judging {
  health: Map<string, ServerHealth>;
}

/** Holds options only. */
export class TierHealth {
  private readonly tier: CacheTier;
  private readonly failures: number;
  private readonly awayFor: Micros;
  private readonly reader: number | undefined;

  constructor(tier: CacheTier, failures: number, awayFor: Micros, reader: number | undefined) {
    this.tier = tier;
    this.failures = failures;
    this.awayFor = awayFor;
    this.reader = reader;
  }

  holders<S extends Judging>(key: string, ctx: Context<S>): readonly CacheServerRef[] {
    const { health } = ctx.state;
    const now = ctx.clock.monotonic;
    const away = new Set<string>();
    for (const [id, { awayUntil }] of health) if (awayUntil > now) away.add(id);
    return this.tier.holders(key, away, this.reader ?? ctx.self.index);
  }

  /** A call to `server`, from which is learned; undefined when it failed. */
  *ask<S extends Judging, R>(server: CacheServerRef, call: Op<R>, ctx: Context<S>): Flow<R | undefined> {
    try {
      const reply = yield* call;
      if (ctx.state.health.has(server.id)) ctx.update((state) => state.health.delete(server.id));
      return reply;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.update((state) => this.failed(state, server.id, ctx));
      return undefined;
    }
  }

  private failed<S extends Judging>(state: S, id: string, ctx: Context<S>): void {
    const failures = (state.health.get(id)?.failures ?? 0) + 1;
    const isAway = failures >= this.failures;
    if (isAway) ctx.count('away');
    state.health.set(id, { failures, awayUntil: isAway ? ctx.clock.monotonic + this.awayFor : 0 });
  }
}
