/**
 * What a node believes the time to be.
 *
 * Two clocks run on one oscillator. The *monotonic* clock starts at 0 with the run and is never set; timers and deadlines run
 * on it. The *wall* clock is the monotonic one plus an offset that operators, NTP steps and faults change, and NTP slews.
 * With oscillator rate r = 1 + drift: monotonic(t) = ∫ r dt; wall(t) = offset + steps + ∫ (r + slew) dt. Frozen means rate 0.
 * True time is never visible to an actor. Readings are whole microseconds.
 */
import type { Micros } from '../base/time.ts';
import { credit, type Effect } from './effect.ts';

export interface ClockOptions {
  /** Wall clock minus true time at the start, µs, may be negative. Default 0. */
  offset?: number;
  /** Oscillator error in parts per million; 200 means 200 µs fast per second. Above −1,000,000. Default 0. */
  driftPpm?: number;
}

/** From instant `at` on: what the two clocks read at it, and local µs per true µs of each. */
export type ClockTurn = readonly [at: Micros, monotonic: number, wall: number, rate: number, wallRate: number];

/** The most turns kept; beyond it every second one goes. */
const MOST_TURNS = 2_048;

/** A piecewise linear clock. */
class Segment {
  base: number;
  since: Micros = 0;
  rate: number;

  constructor(base: number, rate: number) {
    this.base = base;
    this.rate = rate;
  }

  read(now: Micros): number {
    if (this.rate === 1 && this.since === 0 && this.base === 0) return now;
    // The base is a fraction once the rate has been another.
    return Math.floor(this.base + (now - this.since) * this.rate);
  }

  turn(now: Micros, rate: number): void {
    this.base += (now - this.since) * this.rate;
    this.since = now;
    this.rate = rate;
  }
}

export type ClockFace = 'wall' | 'monotonic';

export class NodeClock {
  private readonly monotonicSegment: Segment;
  private readonly wallSegment: Segment;
  private readonly virtual: { readonly now: Micros };
  private readonly ownDrift: number;
  /** Drifts that faults add, parts per million. */
  private readonly addedDrifts: number[] = [];
  private drift: number;
  /** What the wall clock reads too much, unseen by NTP. */
  private misled = 0;
  private slew = 0;
  private wallFrozen = 0;
  private monotonicFrozen = 0;
  /** Clock faults in force: each reading of the clock they bend counts for them. */
  readonly wallEffects: Effect[] = [];
  readonly monotonicEffects: Effect[] = [];
  /** Told when the rate at which timers run has changed, with the old and the new rate. */
  onRateChange: ((oldRate: number, newRate: number) => void) | undefined = undefined;
  /** How it went, for reports: empty while it shows true time; undefined when nobody keeps it. */
  readonly turns: ClockTurn[] | undefined;

  /** `kept`: remember every turn. */
  constructor(virtual: { readonly now: Micros }, options: ClockOptions = {}, kept = false) {
    this.virtual = virtual;
    this.ownDrift = options.driftPpm ?? 0;
    this.drift = this.ownDrift / 1_000_000;
    this.monotonicSegment = new Segment(0, 1 + this.drift);
    this.wallSegment = new Segment(options.offset ?? 0, 1 + this.drift);
    const { offset = 0 } = options;
    const rate = 1 + this.drift;
    // It may be made long after the start, when somebody first looks at it.
    this.turns = kept ? (offset === 0 && rate === 1 ? [] : [[0, 0, offset, rate, rate]]) : undefined;
  }

  /** Local monotonic time, µs. */
  get monotonic(): number {
    if (this.monotonicEffects.length > 0) credit(this.monotonicEffects);
    return this.monotonicSegment.read(this.virtual.now);
  }

  /** Local wall-clock time, µs since the start of the run as this node believes it; steps can make it go backwards. */
  get wall(): number {
    if (this.wallEffects.length > 0) credit(this.wallEffects);
    return this.wallSegment.read(this.virtual.now) + this.misled;
  }

  /** Wall clock minus true time, µs, as NTP measures it; never for actors. */
  get wallError(): number {
    return this.wallSegment.read(this.virtual.now) - this.virtual.now;
  }

  /** Local microseconds per true microsecond at which timers run; 0 while frozen. */
  get rate(): number {
    return this.monotonicSegment.rate;
  }

  /** The true duration after which `local` microseconds have passed on the monotonic clock at today's rate. */
  trueDelay(local: Micros): Micros {
    const rate = this.monotonicSegment.rate;
    if (rate === 1) return local;
    if (this.monotonicEffects.length > 0) credit(this.monotonicEffects);
    return Math.ceil(local / rate);
  }

  /** Sets the wall clock forward (or back, when negative) by `by` µs. */
  step(by: number): void {
    this.wallSegment.base += by;
    this.keepTurn();
  }

  /** Makes the wall clock read `by` µs more (less, when negative) in a way that NTP cannot see: its source is wrong as well. */
  mislead(by: number): void {
    this.misled += by;
    this.keepTurn();
  }

  /** Adds to the oscillator's error. */
  addDrift(ppm: number): void {
    this.addedDrifts.push(ppm);
    this.sumDrifts();
  }

  /** Takes back what `addDrift` added. */
  removeDrift(ppm: number): void {
    const at = this.addedDrifts.indexOf(ppm);
    if (at >= 0) this.addedDrifts.splice(at, 1);
    this.sumDrifts();
  }

  /** Summed afresh each time, so that a drift taken back leaves no rounding error. */
  private sumDrifts(): void {
    this.drift = this.addedDrifts.reduce((sum, ppm) => sum + ppm, this.ownDrift) / 1_000_000;
    this.turn();
  }

  /** NTP's gentle correction: extra wall-clock rate, in parts per million; 0 ends it. */
  setSlew(ppm: number): void {
    this.slew = ppm / 1_000_000;
    this.turn();
  }

  /** Stops a face of the clock; nested freezes count. A frozen monotonic clock fires no timers. */
  freeze(face: ClockFace): void {
    if (face === 'wall') this.wallFrozen++;
    else this.monotonicFrozen++;
    this.turn();
  }

  unfreeze(face: ClockFace): void {
    if (face === 'wall') this.wallFrozen--;
    else this.monotonicFrozen--;
    this.turn();
  }

  private turn(): void {
    const now = this.virtual.now;
    const oldRate = this.monotonicSegment.rate;
    const newRate = this.monotonicFrozen > 0 ? 0 : Math.max(0, 1 + this.drift);
    this.monotonicSegment.turn(now, newRate);
    this.wallSegment.turn(now, this.wallFrozen > 0 ? 0 : Math.max(0, 1 + this.drift + this.slew));
    this.keepTurn();
    if (newRate !== oldRate) this.onRateChange?.(oldRate, newRate);
  }

  private keepTurn(): void {
    const { turns, monotonicSegment, wallSegment } = this;
    if (turns === undefined) return;
    const { now } = this.virtual;
    if (turns.at(-1)?.[0] === now) turns.pop();
    const wall = wallSegment.read(now) + this.misled;
    turns.push([now, monotonicSegment.read(now), wall, monotonicSegment.rate, wallSegment.rate]);
    if (turns.length > MOST_TURNS) for (let i = 1; i < turns.length; i++) turns.splice(i, 1);
  }
}
