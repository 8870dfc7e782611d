/**
 * Gives generators their machine numbers, so that no two ever make ids with the same number and the same timestamp.
 *
 * A lease of a number is a span of *timestamps*, not of anybody's time: "number 7, for ids of the milliseconds 4,000 to 5,000". The
 * spans that are given out for one number never overlap, and each is on disk before it is told. So nothing rests on clocks: not on
 * the registry's, and not on the holder's, which may stand still, jump, or start again after a crash. A generator that is back from a
 * restart gets its number again once its last span has passed by its clock, and another number before that. Twitter kept
 * the numbers in ZooKeeper; spans are what Percolator's timestamp oracle reserves (Peng and Dabek, OSDI 2010, §2.3).
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
import { MACHINES } from './snowflake.ts';

export interface MachineLease {
  readonly machine: number;
  /** Timestamps that ids may have: `from` included, `until` not; ms since the epoch. */
  readonly from: number;
  readonly until: number;
}

export interface LeaseRequest {
  readonly holder: string;
  /** Names what is asked for: who asks again because no answer came gets the same span. */
  readonly request: number;
  /** The timestamp that the holder's clock shows. */
  readonly now: number;
}

export interface MachineRegistryProtocol {
  /** Refused with `no-number` and `disk-failed`. */
  lease(request: LeaseRequest): MachineLease;
}

export interface MachineRegistryState {
  /** By number: who had it last, and up to which timestamp. */
  machines: Map<number, { readonly holder: string; readonly until: number }>;
  /** By holder: what it was given last in this life. */
  given: Map<string, { readonly request: number; readonly lease: MachineLease }>;
  /** Its disk has failed to sync: it gives out nothing until it is restarted. */
  broken: boolean;
}

export interface MachineRegistryOptions {
  /** Length of a span. Default 1 s. */
  readonly term?: Duration;
  /** Numbers that there are. Default 1,024. */
  readonly machines?: number;
}

const LOG = 'leases';
type RegistryContext = Context<MachineRegistryState>;
interface LeaseRecord {
  readonly machine: number;
  readonly holder: string;
  readonly until: number;
}

/** Throws ConfigError. */
export function machineRegistry(
  options: MachineRegistryOptions = {},
): Actor<MachineRegistryState, MachineRegistryProtocol> {
  const term = Math.floor(parseDuration(options.term ?? '1s', 'machineRegistry.term') / 1_000);
  if (term < 1) throw new ConfigError('machineRegistry.term', options.term, 'a duration of at least 1ms');
  const { machines = MACHINES } = options;
  if (!(Number.isInteger(machines) && machines >= 1 && machines <= MACHINES))
    throw new ConfigError('machineRegistry.machines', machines, `a whole number from 1 to ${MACHINES}`);
  return defineActor<MachineRegistryState, MachineRegistryProtocol>({
    role: 'registry',
    init: () => ({ machines: new Map(), given: new Map(), broken: false }),
    recover(disk, ctx) {
      const log = disk.log<LeaseRecord>(LOG);
      ctx.disk.truncate(LOG, log.length);
      const machines = new Map(log.map(({ machine, holder, until }) => [machine, { holder, until }]));
      return { machines, given: new Map(), broken: false };
    },
    flows: {
      *lease(request, ctx) {
        const lease = ctx.update((state) => grant(state, request, term, machines, ctx));
        yield* syncOrStop(ctx, (state) => void (state.broken = true));
        return lease;
      },
    },
    phase: ({ broken }) => (broken ? 'broken' : 'registry'),
  });
}

function grant(
  state: MachineRegistryState,
  { holder, request, now }: LeaseRequest,
  term: number,
  machines: number,
  ctx: RegistryContext,
): MachineLease {
  if (state.broken) throw reject('disk-failed');
  const given = state.given.get(holder);
  if (given?.request === request) return { ...given.lease };
  const machine = numberFor(state, holder, now, machines);
  const from = state.machines.get(machine)?.until ?? 0;
  const until = Math.max(from, now) + term;
  ctx.disk.append(LOG, { machine, holder, until } satisfies LeaseRecord);
  state.machines.set(machine, { holder, until });
  state.given.set(holder, { request, lease: { machine, from, until } });
  ctx.note(`leases number ${machine} to ${holder} for timestamps ${from} to ${until}`);
  return { machine, from, until };
}

/** A number whose spans have passed at `now`, so that nobody has to wait: its own, one that nobody has had, or the one that is unused the longest. */
function numberFor({ machines }: MachineRegistryState, holder: string, now: number, most: number): number {
  let oldest: number | undefined;
  let least = Infinity;
  for (const [machine, last] of machines) {
    if (last.until > now) continue;
    if (last.holder === holder) return machine;
    if (last.until < least) [oldest, least] = [machine, last.until];
  }
  for (let machine = 0; machine < most; machine++) if (!machines.has(machine)) return machine;
  if (oldest === undefined) throw reject('no-number', `all ${most} numbers are in use`);
  return oldest;
}
