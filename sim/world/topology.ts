/**
 * Zones, regions, and the laws of the links between them.
 *
 * The law of a link is the default, overridden by what is said for the pair's relation (same zone, same region, between two
 * regions), overridden by what is said for the pair. The defaults are of today's data centres: 250 µs median within a zone,
 * 800 µs between zones, 40 ms between regions, each log-normal with a light tail.
 */
import { ConfigError } from '../base/errors.ts';
import { ms, us, type Micros } from '../base/time.ts';
import { logNormal } from '../random/distribution.ts';
import type { DistributionSpec } from '../random/distribution-spec.ts';
import { compile } from '../random/sampler.ts';
import type { NodeRef } from './actor.ts';
import { isPlain, type LinkLaw } from './link.ts';
import type { Node } from './node.ts';

export interface LinkOptions {
  /** One-way delay. */
  readonly latency?: DistributionSpec;
  /** Probability that a datagram is lost, 0…1. Default 0. A stream retransmits instead. */
  readonly loss?: number;
  /** Probability that a datagram arrives twice, 0…1. Default 0. */
  readonly duplicate?: number;
  /** Probability that a datagram is late by up to `reorderWindow`, 0…1. Default 0. */
  readonly reorder?: number;
  /** Default 10 ms. */
  readonly reorderWindow?: Micros;
  /** Default unlimited. */
  readonly bytesPerSecond?: number;
  /** Default `datagram`. */
  readonly transport?: 'datagram' | 'stream';
}

export interface NetworkOptions extends LinkOptions {
  readonly betweenZones?: LinkOptions;
  readonly betweenRegions?: LinkOptions;
  /** Laws between two named regions, both ways. */
  readonly regions?: readonly (LinkOptions & { readonly between: readonly [string, string] })[];
  /** Laws of single directed links. */
  readonly pairs?: readonly (LinkOptions & { readonly from: NodeRef; readonly to: NodeRef })[];
}

const DEFAULT_LATENCY = {
  zone: logNormal({ median: us(250), sigma: 0.25 }),
  region: logNormal({ median: us(800), sigma: 0.2 }),
  world: logNormal({ median: ms(40), sigma: 0.1 }),
} as const;

const probability = (value: number | undefined, field: string): number => {
  if (value === undefined) return 0;
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new ConfigError(field, value, 'a probability from 0 to 1');
};

const lawOf = (options: LinkOptions): LinkLaw => {
  const bytesPerSecond = options.bytesPerSecond ?? Infinity;
  if (!(bytesPerSecond > 0)) throw new ConfigError('links.bytesPerSecond', bytesPerSecond, 'a number above 0');
  const law = {
    latency: compile(options.latency ?? DEFAULT_LATENCY.zone),
    loss: probability(options.loss, 'links.loss'),
    duplicate: probability(options.duplicate, 'links.duplicate'),
    reorder: probability(options.reorder, 'links.reorder'),
    reorderWindow: options.reorderWindow ?? ms(10),
    bytesPerSecond,
    transport: options.transport ?? 'datagram',
  } as const;
  return { ...law, plain: isPlain(law) };
};

export class Topology {
  private options: NetworkOptions = {};
  private readonly laws = new Map<string, LinkLaw>();
  private pairs = new Map<string, LinkOptions>();
  private readonly places = new Map<string, number>();

  set(options: NetworkOptions): void {
    this.options = {
      ...this.options,
      ...options,
      regions: [...(this.options.regions ?? []), ...(options.regions ?? [])],
    };
    for (const pair of options.pairs ?? []) {
      const key = `${pair.from.index}>${pair.to.index}`;
      this.pairs.set(key, { ...this.pairs.get(key), ...pair });
    }
    this.laws.clear();
    // Compiled once now, so that bad options fail while the scenario is being built.
    lawOf(options);
    for (const part of [
      options.betweenZones,
      options.betweenRegions,
      ...(options.regions ?? []),
      ...(options.pairs ?? []),
    ]) {
      if (part !== undefined) lawOf(part);
    }
  }

  /** Whether a single link has a law of its own; else the law follows from the places of its ends. */
  get hasPairs(): boolean {
    return this.pairs.size > 0;
  }

  get placeCount(): number {
    return this.places.size;
  }

  /** A number for each combination of region and zone, from 0. */
  placeOf(region: string, zone: string): number {
    const name = `${region.length}:${region}/${zone}`;
    let place = this.places.get(name);
    if (place === undefined) this.places.set(name, (place = this.places.size));
    return place;
  }

  law(from: Node, to: Node): LinkLaw {
    const pair = this.pairs.size === 0 ? undefined : this.pairs.get(`${from.index}>${to.index}`);
    if (pair !== undefined) return lawOf({ ...this.between(from, to), ...pair });
    const key = from.region !== to.region ? `r:${from.region}>${to.region}` : from.zone !== to.zone ? 'zones' : 'zone';
    let law = this.laws.get(key);
    if (law === undefined) this.laws.set(key, (law = lawOf(this.between(from, to))));
    return law;
  }

  private between(from: Node, to: Node): LinkOptions {
    const base: LinkOptions = this.options;
    if (from.region !== to.region) {
      const named = this.options.regions?.find(
        ({ between: [x, y] }) => (x === from.region && y === to.region) || (y === from.region && x === to.region),
      );
      return { ...base, latency: DEFAULT_LATENCY.world, ...this.options.betweenRegions, ...named };
    }
    if (from.zone !== to.zone) {
      return { ...base, latency: base.latency ?? DEFAULT_LATENCY.region, ...this.options.betweenZones };
    }
    return base;
  }
}
