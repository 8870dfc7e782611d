/**
 * Operations on a key-value store: reads, writes and compare-and-sets on a set of keys, with written values that are unique in the
 * whole run (which lets a checker tell at once which write a read has seen).
 */
import { ConfigError } from '../../sim/index.ts';
import type { Context, RandomSource } from '../../sim/index.ts';
import type { KvFound, KvProtocol } from '../store/kv-protocol.ts';
import type { ClientState } from './client-state.ts';
import type { ClientOptions, Judgement, RequestOf } from './client.ts';
import { zipf } from './zipf.ts';

export interface KvOperationsOptions {
  /** Names of the keys, or how many (`k1`, `k2`, …). Default 1. */
  readonly keys?: number | readonly string[];
  /** Popularity: Zipf's exponent, 0…10, the first key the most popular. Default 0: all alike. */
  readonly skew?: number;
  /** Share of reads, 0…1. Default 0.5. */
  readonly readShare?: number;
  /** Share of compare-and-sets, 0…1 together with `readShare`; the rest are writes. Default 0. */
  readonly casShare?: number;
}

/** The part of a client's options that says what it does: `client({ ...kvOperations({ keys: 5 }), target, workload })`. */
export type KvOperations = Required<Pick<ClientOptions<KvProtocol>, 'operation' | 'outcome'>>;

/** Throws ConfigError. */
export function kvOperations(options: KvOperationsOptions = {}): KvOperations {
  const { skew = 0, readShare = 0.5, casShare = 0 } = options;
  const keys = namesOf(options.keys ?? 1);
  if (!(readShare >= 0 && readShare <= 1))
    throw new ConfigError('kvOperations.readShare', readShare, 'a share from 0 to 1');
  if (!(casShare >= 0 && readShare + casShare <= 1)) {
    throw new ConfigError(
      'kvOperations.casShare',
      casShare,
      `a share from 0 to ${1 - readShare}, what readShare leaves`,
    );
  }
  const popularity = zipf(keys.length, skew);
  return {
    operation(ctx, n, draws): RequestOf<KvProtocol> {
      const u = draws.next();
      const key = ctx.load.key(keys.length === 1 ? (keys[0] as string) : (keys[popularity.sample(draws)] as string));
      if (u < readShare) return { message: 'get', payload: { key }, f: 'read', key };
      const value = uniqueValue(ctx, n);
      if (u >= readShare + casShare) return { message: 'put', payload: { key, value }, f: 'write', key, input: value };
      const from = guess(ctx, n, draws);
      return { message: 'cas', payload: { key, from, to: value }, f: 'cas', key, input: [from, value] };
    },
    outcome: judge,
  };
}

const namesOf = (keys: number | readonly string[]): readonly string[] => {
  if (typeof keys === 'number') {
    if (!Number.isInteger(keys) || keys < 1)
      throw new ConfigError('kvOperations.keys', keys, 'a whole number of at least 1, or names');
    return Array.from({ length: keys }, (_, i) => `k${i + 1}`);
  }
  if (!Array.isArray(keys) || keys.length === 0 || new Set(keys).size < keys.length)
    throw new ConfigError('kvOperations.keys', keys, 'at least one name, each once');
  return keys;
};

/** No two operations of a run write the same value: numbers are not used twice by a client. */
const uniqueValue = (ctx: Context<ClientState>, n: number): string => `${ctx.self.id}-${n}`;

/** A compare-and-set expects what the client wrote a few operations ago, or nothing there: some succeed, most do not. */
const guess = (ctx: Context<ClientState>, n: number, draws: RandomSource): string | null => {
  const back = 1 + Math.floor(draws.next() * 4);
  return n < back ? null : uniqueValue(ctx, n - back);
};

function judge(reply: unknown, request: RequestOf<KvProtocol>): Judgement {
  if (request.message === 'get') {
    const { found, value } = reply as KvFound;
    return { outcome: 'ok', output: found ? value : null };
  }
  if (request.message === 'cas' && !(reply as { readonly swapped: boolean }).swapped)
    return { outcome: 'fail', output: 'not-swapped' };
  return { outcome: 'ok' };
}
