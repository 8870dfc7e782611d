/**
 * An interface for payments with idempotency keys (as Stripe's, and the IETF draft "The Idempotency-Key HTTP Header Field").
 *
 * A client that gets no answer cannot know whether its card was charged; if it tries again, it may be charged twice. So it makes up a key
 * for each payment and sends it with every attempt; the server remembers keys, and answers a known one with the answer that it
 * gave, or would have given, without charging again. It promises: with a key, a payment takes effect at most once, under lost and doubled messages and,
 * if keys are `durable`, under crashes of the server; and a charge that was answered is never lost.
 *
 * What decides is that charge and key are *one* record on the disk: with two, a crash between them would leave a charge without its key, or a
 * key without its charge. A key that comes with another payment is refused, since it cannot be a retry. An attempt that comes
 * while the first is being written waits for the same write. Keys are forgotten after `keepFor`: who tries again later pays twice.
 * After a failed sync everything is refused until a restart, which reads what is really there (sync-or-stop.ts).
 */
import { ConfigError, copyOf, defineActor, parseDuration, reject } from '../../sim/index.ts';
import type { Actor, Context, DiskView, Duration, Flow, Micros } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';

export interface PaymentsOptions {
  /** Whether keys are looked at, and what becomes of them in a crash. Default `durable`. */
  readonly keys?: 'ignored' | 'in-memory' | 'durable';
  /** On the server's own wall clock. Default 24 hours. */
  readonly keepFor?: Duration;
  /** Default `payments`. */
  readonly role?: string;
}

export interface Payment {
  /** What is paid for. */
  readonly order: string;
  /** Whole, above 0. */
  readonly amount: number;
  /** The same for all attempts of one payment. */
  readonly key?: string;
}

export interface Receipt {
  readonly charge: string;
}

export interface PaymentsProtocol {
  charge(payment: Payment): Receipt;
}

interface KnownKey {
  readonly order: string;
  readonly amount: number;
  readonly charge: string;
  readonly at: Micros;
}

export interface PaymentsState {
  /** How often each order has been charged. */
  charged: Map<string, number>;
  charges: number;
  /** The oldest first. */
  keys: Map<string, KnownKey>;
  /** A sync has failed: nothing is answered until a restart. */
  stopped: boolean;
}

/** On the disk: a charge, with its key where that is durable. */
interface ChargeRecord {
  readonly order: string;
  readonly amount: number;
  readonly charge: string;
  readonly at: Micros;
  readonly key?: string;
}

const LOG = 'charges';

/** The actor. Counters: charged, repeated. Throws ConfigError. */
export function payments(options: PaymentsOptions = {}): Actor<PaymentsState, PaymentsProtocol> {
  const { keys = 'durable' } = options;
  if (!['ignored', 'in-memory', 'durable'].includes(keys))
    throw new ConfigError('payments.keys', keys, "'ignored', 'in-memory' or 'durable'");
  const keepFor = parseDuration(options.keepFor ?? '24h', 'payments.keepFor');
  return defineActor<PaymentsState, PaymentsProtocol>({
    role: options.role ?? 'payments',
    init: () => ({ charged: new Map(), charges: 0, keys: new Map(), stopped: false }),
    recover: (disk) => recovered(disk),
    start(_state, ctx) {
      // A torn record would hide what is appended after it.
      if (ctx.disk.damage().length > 0) ctx.disk.truncate(LOG, ctx.disk.log(LOG).length);
    },
    flows: {
      *charge(payment, ctx): Flow<Receipt> {
        if (!Number.isInteger(payment.amount) || payment.amount <= 0)
          throw reject('bad-amount', `an amount is a whole number above 0, got ${payment.amount}`);
        const receipt = ctx.update((state) => charge(state, payment, keys, keepFor, ctx));
        yield* syncOrStop(ctx, (state) => void (state.stopped = true));
        return receipt;
      },
    },
  });
}

function charge(
  state: PaymentsState,
  { order, amount, key }: Payment,
  keys: 'ignored' | 'in-memory' | 'durable',
  keepFor: Micros,
  ctx: Context<PaymentsState>,
): Receipt {
  if (state.stopped) throw reject('storage-failed', `the disk of ${ctx.self.id} failed to sync: restart it`);
  const at = ctx.clock.wall;
  const looked = keys === 'ignored' ? undefined : key;
  if (looked !== undefined) {
    forget(state, at - keepFor);
    const known = state.keys.get(looked);
    if (known !== undefined) {
      if (known.order !== order || known.amount !== amount)
        throw reject('key-reused', `${looked} was used for another payment`);
      ctx.count('repeated');
      return { charge: known.charge };
    }
  }
  const record: ChargeRecord = {
    order,
    amount,
    charge: `ch-${state.charges + 1}`,
    at,
    ...(keys === 'durable' && looked !== undefined ? { key: looked } : {}),
  };
  ctx.disk.append(LOG, record);
  note(state, record, looked);
  ctx.count('charged');
  return { charge: record.charge };
}

function note(state: PaymentsState, { order, amount, charge, at }: ChargeRecord, key: string | undefined): void {
  state.charges++;
  state.charged.set(order, (state.charged.get(order) ?? 0) + 1);
  if (key !== undefined) state.keys.set(key, { order, amount, charge, at });
}

function forget(state: PaymentsState, before: Micros): void {
  for (const [key, { at }] of state.keys) {
    if (at >= before) break;
    state.keys.delete(key);
  }
}

function recovered(disk: DiskView): PaymentsState {
  const state: PaymentsState = { charged: new Map(), charges: 0, keys: new Map(), stopped: false };
  for (const record of disk.log<ChargeRecord>(LOG)) note(state, copyOf(record), record.key);
  return state;
}
