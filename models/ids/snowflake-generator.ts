/**
 * A node that makes Snowflake ids (snowflake.ts), by its own wall clock.
 *
 * It promises that no id is made twice, whatever its clock does and however often it crashes, and that its ids grow. Where its clock
 * shows less than it has shown it waits, or refuses, as Twitter's did. A crash must not make it forget how far it has come: either
 * it reserves timestamps on its disk, a span at a time, before it uses them, or it leases its number for a span of timestamps
 * from a registry (machine-registry.ts); after a restart it goes on behind that span. `trust` does neither: it takes the clock's word.
 *
 * A number of its own is the one thing that a generator cannot check by itself: with `machine` given twice, ids repeat. A lease settles that too.
 * The price: while the registry is away, a generator whose span is used up makes no ids.
 */
import {
  CallError,
  ConfigError,
  defineActor,
  ms,
  oneOf,
  parseDuration,
  reject,
  type Actor,
  type Context,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { STARTS_AT, type IdProtocol } from './id-protocol.ts';
import type { MachineLease, MachineRegistryProtocol } from './machine-registry.ts';
import { MACHINES, skipTo, snowflakeId, stepSnowflake, TWITTER_EPOCH, type SnowflakeClock } from './snowflake.ts';

export interface SnowflakeGeneratorOptions {
  /** Its number, 0 … 1023; or from whom it leases one. */
  readonly machine: number | { readonly registry: NodeRef<MachineRegistryProtocol> };
  /**
   * When the clock shows less than it has shown: `wait` until it has caught up, `waitAtMost`; `refuse`; or `trust` it, and keep nothing on
   * disk either, which goes with a number of its own only. Default `wait`.
   */
  readonly clockBack?: 'wait' | 'refuse' | 'trust';
  /** How long an id is waited for, on its monotonic clock, before it is refused. Default 500 ms. */
  readonly waitAtMost?: Duration;
  /** Length of a span of timestamps that is reserved on its disk. Default 250 ms. */
  readonly reserve?: Duration;
  /** Unix time when the run begins, ms. Default 28 June 2022, 16:00 UTC. */
  readonly startsAt?: number;
  /** Unix time that timestamps count from, ms. Default Twitter's. */
  readonly epoch?: number;
}

export interface SnowflakeState extends SnowflakeClock {
  /** −1: none yet. */
  machine: number;
  /** Ids have timestamps below this one; Infinity where nothing is reserved. */
  limit: number;
  /** A span is being asked for. */
  asking: boolean;
  /** Names the span that it has asked for and not been given; 0: none. */
  request: number;
  /** Its disk has failed to sync: it makes nothing until it is restarted. */
  broken: boolean;
}

interface Settings {
  readonly machine: number;
  readonly registry: NodeRef<MachineRegistryProtocol> | undefined;
  readonly clockBack: 'wait' | 'refuse' | 'trust';
  readonly waitAtMost: Micros;
  readonly reserveMs: number;
  readonly offsetMs: number;
}

const SPANS = 'spans';
const SPAN = 'span';
type GeneratorContext = Context<SnowflakeState>;

/** Refuses with `clock-back`, `too-busy`, `no-lease`, `disk-failed`, all definite. Throws ConfigError. */
export function snowflakeGenerator(options: SnowflakeGeneratorOptions): Actor<SnowflakeState, IdProtocol> {
  const settings = settingsOf(options);
  const fresh = (): SnowflakeState => ({
    last: 0,
    sequence: 0,
    machine: settings.machine,
    limit: settings.clockBack === 'trust' ? Infinity : 0,
    asking: false,
    request: 0,
    broken: false,
  });
  return defineActor<SnowflakeState, IdProtocol>({
    role: 'generator',
    init: fresh,
    recover(disk, ctx) {
      const state = fresh();
      const spans = disk.log<number>(SPANS);
      ctx.disk.truncate(SPANS, spans.length);
      // Any timestamp of the last span may have been used.
      if (spans.length > 0) skipTo(state, Math.max(...spans) - 1);
      return state;
    },
    flows: { generate: (_request, ctx) => generate(settings, ctx) },
    phase: ({ broken, machine }) => (broken ? 'broken' : machine < 0 ? 'without-number' : 'generator'),
  });
}

function settingsOf(options: SnowflakeGeneratorOptions): Settings {
  const { machine, clockBack = 'wait', startsAt = STARTS_AT, epoch = TWITTER_EPOCH } = options;
  const own = typeof machine === 'number' ? machine : -1;
  const known =
    typeof machine === 'number'
      ? Number.isInteger(machine) && machine >= 0 && machine < MACHINES
      : machine?.registry !== undefined;
  if (!known)
    throw new ConfigError(
      'snowflakeGenerator.machine',
      machine,
      `a whole number from 0 to ${MACHINES - 1}, or { registry }`,
    );
  oneOf(clockBack, ['wait', 'refuse', 'trust'], 'snowflakeGenerator.clockBack');
  if (own < 0 && clockBack === 'trust')
    throw new ConfigError('snowflakeGenerator.clockBack', clockBack, 'wait or refuse, where the number is leased');
  if (!(Number.isSafeInteger(startsAt - epoch) && startsAt >= epoch))
    throw new ConfigError('snowflakeGenerator.startsAt', startsAt, `whole ms, no earlier than the epoch, ${epoch}`);
  const reserve = parseDuration(options.reserve ?? '250ms', 'snowflakeGenerator.reserve');
  if (reserve < ms(1)) throw new ConfigError('snowflakeGenerator.reserve', reserve, 'a duration of at least 1ms');
  return {
    machine: own,
    registry: typeof machine === 'number' ? undefined : machine.registry,
    clockBack,
    waitAtMost: parseDuration(options.waitAtMost ?? '500ms', 'snowflakeGenerator.waitAtMost'),
    reserveMs: Math.floor(reserve / 1_000),
    offsetMs: startsAt - epoch,
  };
}

const timestampOf = ({ offsetMs }: Settings, ctx: GeneratorContext): number =>
  offsetMs + Math.floor(ctx.clock.wall / 1_000);

function* generate(settings: Settings, ctx: GeneratorContext): Flow<string> {
  const deadline = ctx.clock.monotonic + settings.waitAtMost;
  for (;;) {
    const made = ctx.update((state) => attempt(state, settings, ctx));
    if (made !== SPAN && typeof made === 'string') return made;
    const left = deadline - ctx.clock.monotonic;
    if (made === SPAN) yield* obtainSpan(settings, left, ctx);
    else if (made.wait > left) throw reject(made.why, `${ctx.self.id} would have to wait for ${made.wait} µs`);
    else yield* ctx.sleep(made.wait);
  }
}

/** An id, `span` when there is none left of those that it may make, or how long to wait. */
function attempt(
  state: SnowflakeState,
  settings: Settings,
  ctx: GeneratorContext,
): string | { readonly wait: Micros; readonly why: string } {
  if (state.broken) throw reject('disk-failed');
  const now = timestampOf(settings, ctx);
  if (settings.clockBack === 'trust' && now < state.last) {
    state.last = now;
    state.sequence = -1;
  }
  if (now >= state.limit) return SPAN;
  const step = stepSnowflake(state, now);
  if (step === true) return snowflakeId({ timestamp: state.last, machine: state.machine, sequence: state.sequence });
  if (step === 'back' && settings.clockBack === 'refuse')
    throw reject('clock-back', `the clock of ${ctx.self.id} is ${state.last - now} ms behind`);
  const toNext = 1_000 - (ctx.clock.wall - Math.floor(ctx.clock.wall / 1_000) * 1_000);
  return step === 'full'
    ? { wait: toNext, why: 'too-busy' }
    : { wait: toNext + (state.last - now - 1) * 1_000, why: 'clock-back' };
}

/** More timestamps: reserved on the disk, or leased with a number. Others that need them wait for the same answer. */
function* obtainSpan(settings: Settings, left: Micros, ctx: GeneratorContext): Flow {
  if (left <= 0) throw reject('no-lease', `${ctx.self.id} has no timestamps that it may use`);
  if (ctx.state.asking) {
    try {
      yield* ctx.wait(SPAN, left);
    } catch (error) {
      // The next turn says what there is.
      if (!(error instanceof CallError)) throw error;
    }
    return;
  }
  ctx.update((state) => void (state.asking = true));
  try {
    yield* settings.registry === undefined ? reserve(settings, ctx) : lease(settings.registry, settings, left, ctx);
  } finally {
    ctx.update((state) => void (state.asking = false));
    ctx.signal(SPAN);
  }
}

function* reserve(settings: Settings, ctx: GeneratorContext): Flow {
  const limit = timestampOf(settings, ctx) + settings.reserveMs;
  ctx.disk.append(SPANS, limit);
  yield* syncOrStop(ctx, (state) => void (state.broken = true));
  ctx.update((state) => {
    state.limit = Math.max(state.limit, limit);
  });
}

function* lease(
  registry: NodeRef<MachineRegistryProtocol>,
  settings: Settings,
  left: Micros,
  ctx: GeneratorContext,
): Flow {
  const now = timestampOf(settings, ctx);
  const request = ctx.update((state) => (state.request ||= 1 + ctx.random.uint32()));
  let granted: MachineLease;
  try {
    granted = yield* ctx.call(
      registry,
      'lease',
      { holder: ctx.self.id, request, now },
      { deadline: Math.min(left, ms(100)) },
    );
  } catch (error) {
    if (error instanceof CallError) throw reject('no-lease', `${ctx.self.id} was given no lease: ${error.code}`);
    throw error;
  }
  ctx.update((state) => {
    // What lies between the spans belongs to somebody else; and a new number begins behind all that was made with the old one.
    const continues = granted.machine === state.machine && granted.from === state.limit;
    if (!continues) skipTo(state, Math.max(state.last, granted.from - 1));
    state.machine = granted.machine;
    state.limit = granted.until;
    state.request = 0;
  });
}
