/**
 * VRRP (RFC 5798): two or more routers share one address; the *master* serves it, the others stand by.
 *
 * The master sends an advertisement each `interval`. A backup that has heard none for the master-down interval, 3 · interval +
 * skew with skew = (256 − priority) / 256 · interval, becomes master; the skew lets the one with the highest priority be first.
 * A master that hears a higher priority (or the same from a greater name; there, from a greater address) steps down; a backup
 * ignores a lower one if it may pre-empt. So a crash of the master is over after 3 intervals and the skew at the latest, counted
 * from its last advertisement; and when the two cannot hear each other, both are master.
 *
 * Advertisements come from the virtual router's own link address, which is how switches learn where it is; here, each of them
 * also claims the address. Left out: authentication, priority 0 (a master that says goodbye; a crash does not), priority 255.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Context, Duration, Micros, NodeRef } from '../../sim/index.ts';
import { above0 } from './health.ts';
import type { VirtualAddressProtocol } from './virtual-address.ts';

export interface VrrpOptions {
  readonly address: NodeRef<VirtualAddressProtocol>;
  /** The other routers of the address. */
  readonly peers: readonly NodeRef[];
  /** Higher is preferred, 1…254. Default 100. */
  readonly priority?: number;
  /** Between two advertisements, the same for all. Default 1 s. */
  readonly interval?: Duration;
  /** Whether a higher priority takes the address back when it returns. Default true. */
  readonly preempt?: boolean;
}

export interface VrrpState {
  role: 'master' | 'backup';
}

export interface VrrpAdvertisement {
  readonly priority: number;
  readonly from: string;
}

/** What the routers say to each other. */
export interface VrrpProtocol {
  vrrpAdvertisement(payload: VrrpAdvertisement): void;
}

/** A checked router. The host actor has the timers `vrrpAdvertise` and `vrrpMasterDown` and hands them on. */
export class VrrpRouter {
  private readonly options: VrrpOptions;
  private readonly priority: number;
  private readonly interval: Micros;
  private readonly masterDown: Micros;

  constructor(options: VrrpOptions) {
    const { priority = 100, peers } = options;
    this.options = options;
    if (!(Number.isInteger(priority) && priority >= 1 && priority <= 254))
      throw new ConfigError('vrrp.priority', priority, 'a whole number from 1 to 254');
    if (peers.length === 0) throw new ConfigError('vrrp.peers', peers, 'at least one other router');
    this.priority = priority;
    this.interval = above0(options.interval ?? '1s', 'vrrp.interval');
    this.masterDown = 3 * this.interval + Math.round(((256 - priority) * this.interval) / 256);
  }

  initial(): VrrpState {
    return { role: 'backup' };
  }

  start(ctx: Context<never>): void {
    ctx.setTimer('vrrpMasterDown', this.masterDown);
  }

  /** The master-down timer has fired. */
  takeOver(state: VrrpState, ctx: Context<never>): void {
    state.role = 'master';
    ctx.count('takeovers');
    ctx.note('takes the address over');
    this.advertise(ctx);
  }

  /** It is time for the next advertisement. */
  advertise(ctx: Context<never>): void {
    const payload: VrrpAdvertisement = { priority: this.priority, from: ctx.self.id };
    for (const peer of this.options.peers) ctx.send(peer as NodeRef<VrrpProtocol>, 'vrrpAdvertisement', payload);
    ctx.send(this.options.address, 'claim', { owner: ctx.self });
    ctx.setTimer('vrrpAdvertise', this.interval);
  }

  heard(state: VrrpState, { priority, from }: VrrpAdvertisement, ctx: Context<never>): void {
    const { preempt = true } = this.options;
    if (state.role === 'backup') {
      if (!preempt || priority >= this.priority) ctx.setTimer('vrrpMasterDown', this.masterDown);
      return;
    }
    if (priority < this.priority || (priority === this.priority && from < ctx.self.id)) return;
    state.role = 'backup';
    ctx.note(`steps down for ${from}`);
    ctx.cancelTimer('vrrpAdvertise');
    ctx.setTimer('vrrpMasterDown', this.masterDown);
  }
}
