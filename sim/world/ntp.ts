/**
 * A client of the network time protocol, as far as simulations need it (RFC 5905 without the packet exchange).
 *
 * Every `every` it measures the wall clock's error, wrong by up to `uncertainty` either way. An error above `stepAbove` is
 * stepped away at once; a smaller one is slewed at up to `slewPpm` until it is gone or the next measurement comes.
 */
import type { Micros } from '../base/time.ts';
import { ms, s } from '../base/time.ts';
import type { RandomStream } from '../random/stream.ts';
import { credit, type Effect } from './effect.ts';
import type { NodeClock } from './node-clock.ts';

export interface NtpOptions {
  /** Time between measurements. Default 64 s. */
  every?: Micros;
  /** Largest error of a measurement, µs. Default 1 ms. */
  uncertainty?: Micros;
  /** The fastest slew, parts per million. Default 500. */
  slewPpm?: number;
  /** Errors above this are stepped. Default 128 ms. */
  stepAbove?: Micros;
}

export class NtpClient {
  readonly every: Micros;
  private readonly uncertainty: Micros;
  private readonly slewPpm: number;
  private readonly stepAbove: Micros;
  private readonly clock: NodeClock;
  private readonly random: RandomStream;
  /** Faults that keep this client from its servers. */
  readonly cutOff: Effect[] = [];

  constructor(clock: NodeClock, random: RandomStream, options: NtpOptions = {}) {
    this.clock = clock;
    this.random = random;
    this.every = options.every ?? s(64);
    this.uncertainty = options.uncertainty ?? ms(1);
    this.slewPpm = options.slewPpm ?? 500;
    this.stepAbove = options.stepAbove ?? ms(128);
  }

  redraw(salt: number): void {
    this.random.redraw(salt);
  }

  /** One measurement. Returns after how long the slew must end, or undefined when there is none. */
  poll(): Micros | undefined {
    const noise = this.uncertainty === 0 ? 0 : this.random.between(-this.uncertainty, this.uncertainty);
    this.clock.setSlew(0);
    if (this.cutOff.length > 0) {
      credit(this.cutOff);
      return undefined;
    }
    const error = this.clock.wallError + noise;
    if (error === 0) return undefined;
    if (Math.abs(error) > this.stepAbove) {
      this.clock.step(-error);
      return undefined;
    }
    this.clock.setSlew(error > 0 ? -this.slewPpm : this.slewPpm);
    return Math.min(this.every, Math.ceil(Math.abs(error) / (this.slewPpm / 1_000_000)));
  }

  /** The slew is over. */
  settle(): void {
    this.clock.setSlew(0);
  }
}
