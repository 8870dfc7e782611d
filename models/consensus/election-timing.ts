/** How long servers wait for a leader, and how often it is heard: the timing that leader-based consensus needs for progress alone. */
import { ConfigError, ms, parseDuration, type Context, type Duration, type Micros } from '../../sim/index.ts';

export interface ElectionTimingOptions {
  /** A server that hears nothing from a leader for this long, or for up to `electionSpread` more, wants to lead. Default 300 ms. */
  readonly electionTimeout?: Duration;
  /** Election timeouts are uniform in [electionTimeout, electionTimeout + electionSpread). Default: as long as `electionTimeout`. */
  readonly electionSpread?: Duration;
  /** Between two heartbeats; what was not answered is then sent again. Well below `electionTimeout`. Default 50 ms. */
  readonly heartbeat?: Duration;
}

export interface ElectionTiming {
  readonly electionTimeout: Micros;
  readonly electionSpread: Micros;
  readonly heartbeat: Micros;
}

/** Throws ConfigError naming the option of `where`. */
export function electionTiming(options: ElectionTimingOptions, where: string): ElectionTiming {
  const electionTimeout = parseDuration(options.electionTimeout ?? ms(300), `${where}.electionTimeout`);
  const heartbeat = parseDuration(options.heartbeat ?? ms(50), `${where}.heartbeat`);
  if (!(heartbeat > 0 && heartbeat < electionTimeout))
    throw new ConfigError(`${where}.heartbeat`, heartbeat, `above 0 and below electionTimeout (${electionTimeout})`);
  const electionSpread = parseDuration(options.electionSpread ?? electionTimeout, `${where}.electionSpread`);
  return { electionTimeout, electionSpread, heartbeat };
}

/**
 * Starts waiting for a leader anew, by the timer `election`: randomised, so that two candidates seldom meet (Raft paper §5.2, "Paxos made
 * simple" §2.4, end).
 */
export function awaitLeader<S>({ electionTimeout, electionSpread }: ElectionTiming, ctx: Context<S>): void {
  const more = electionSpread === 0 ? 0 : ctx.random.int(electionSpread);
  ctx.setTimer('election', electionTimeout + more);
}
