/**
 * A node: the machine that hosts one actor. It is up, paused, crashed, restarting or gone for ever.
 *
 * A crash loses all volatile state: the actor's state, its timers, flows, CPU queue. A restart boots for a while and then
 * recovers from the disk. A paused node (a long garbage collection, a frozen virtual machine) runs nothing; what arrives and
 * what falls due waits, and all of it happens when it resumes.
 */
import type { EventHandle } from '../kernel/event-queue.ts';
import type { Micros } from '../base/time.ts';
import { ms, parseDuration, type Duration } from '../base/time.ts';
import type { DistributionSpec } from '../random/distribution-spec.ts';
import { compile, type Sampler } from '../random/sampler.ts';
import type { KeyedDraws } from '../random/keyed-draws.ts';
import { RandomStream } from '../random/stream.ts';
import type { Actor, NodeRef } from './actor.ts';
import type { CompiledActor } from './compiled-actor.ts';
import type { SignalOp } from './call.ts';
import { Context } from './context.ts';
import { Cpu, type CpuOptions } from './cpu.ts';
import { Disk, type DiskOptions } from './disk.ts';
import type { Effect } from './effect.ts';
import { FlowList } from './flow.ts';
import type { Link } from './link.ts';
import { Load } from './load.ts';
import { NOT_PROMPT, PAUSED, SKEWED, WATCHED } from './node-columns.ts';
import { NodeClock, type ClockOptions } from './node-clock.ts';
import { NtpClient, type NtpOptions } from './ntp.ts';
import type { World } from './world.ts';

export type Lifecycle = 'up' | 'paused' | 'crashed' | 'restarting' | 'gone';

export interface NodeOptions<S, P> {
  readonly actor: Actor<S, P>;
  /** Failure domain within a region. Default `zone-a`. */
  readonly zone?: string;
  /** Default `region-1`. */
  readonly region?: string;
  readonly cpu?: CpuOptions;
  readonly disk?: DiskOptions;
  readonly clock?: ClockOptions;
  /** Wall clock kept by NTP; absent: nobody corrects it. */
  readonly ntp?: NtpOptions;
  /** From restart to running again. Default 100 ms. */
  readonly bootTime?: Duration;
  /** CPU work charged before each message or request is handled. Default none. */
  readonly perMessage?: DistributionSpec;
}

/** The fields of NodeOptions. */
export const NODE_FIELDS: readonly (keyof NodeOptions<never, never>)[] = [
  'actor',
  'zone',
  'region',
  'cpu',
  'disk',
  'clock',
  'ntp',
  'bootTime',
  'perMessage',
];

/** An event that came due while the node was paused. */
export interface HeldEvent {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly payload: unknown;
  readonly cause: number;
}

/** Extra handling delay from a slow-node fault. */
export interface Sluggishness {
  readonly delay: Sampler;
  /** Draws for messages from `sender`, by index on their link. */
  drawsFor(sender: Node): KeyedDraws;
  readonly effect: Effect;
}

/** A dependency brown-out: a share of the requests is refused. */
export interface Brownout {
  readonly probability: number;
  readonly random: RandomStream;
  readonly effect: Effect;
}

export class Node {
  // What the usual event touches of a node is not here but in the world's columns.
  readonly world: World;
  readonly index: number;
  /** How often it has crashed; events and operations of an earlier life are void. */
  life = 0;
  readonly actor: CompiledActor;
  readonly ctx: Context<unknown>;
  private lifecycle: Lifecycle = 'up';
  private isWatched = false;
  /** True when an arrival can be handled at once: up, not slow, no cost per message. */
  prompt = true;
  /** The place of its timer number 0 among all nodes' armed timers. */
  readonly firstTimer: number;
  private rate = 1;
  readonly flows = new FlowList();
  readonly id: string;
  readonly ref: NodeRef;
  readonly zone: string;
  readonly region: string;
  readonly ntp: NtpClient | undefined;
  readonly bootTime: Micros;
  readonly perMessage: Sampler | undefined;
  private readonly options: NodeOptions<never, never>;
  // Made when first used: a run with 100,000 nodes pays only for what they have.
  private clockUnit: NodeClock | undefined = undefined;
  private cpuUnit: Cpu | undefined = undefined;
  private diskUnit: Disk | undefined = undefined;
  private stream: RandomStream | undefined = undefined;
  private loadFaults: Load | undefined = undefined;
  private frozenAlarms: Map<EventHandle, Micros> | undefined = undefined;
  private signalWaits: Map<string, SignalOp[]> | undefined = undefined;
  private open: Set<number> | undefined = undefined;
  private linkTable: Map<number, Link> | undefined = undefined;
  /** Total time spent paused: work in progress is due that much later. */
  pausedTotal: Micros = 0;
  pausedAt: Micros = 0;
  pauses = 0;
  held: HeldEvent[] = [];
  readonly sluggish: Sluggishness[] = [];
  readonly brownouts: Brownout[] = [];
  /** Pause faults in force. */
  readonly pauseEffects: Effect[] = [];

  constructor(world: World, index: number, ref: NodeRef, actor: CompiledActor, options: NodeOptions<never, never>) {
    this.world = world;
    this.index = index;
    this.id = ref.id;
    this.ref = ref;
    this.actor = actor;
    this.firstTimer = world.timers.reserve(actor.timerNames.length);
    this.zone = options.zone ?? 'zone-a';
    this.region = options.region ?? 'region-1';
    this.bootTime = parseDuration(options.bootTime ?? ms(100), 'bootTime');
    this.perMessage = options.perMessage === undefined ? undefined : compile(options.perMessage);
    this.options = options;
    if (options.clock !== undefined) this.timerRate = this.clock.rate;
    this.ntp = options.ntp && new NtpClient(this.clock, new RandomStream(world.seed, `ntp/${ref.id}`), options.ntp);
    this.reconsider();
    this.ctx = new Context<unknown>(world, this);
    world.columns.add(index, actor, this.ctx);
  }

  get state(): unknown {
    return this.world.columns.states[this.index];
  }

  set state(state: unknown) {
    this.world.columns.states[this.index] = state;
  }

  get status(): Lifecycle {
    return this.lifecycle;
  }

  set status(status: Lifecycle) {
    this.lifecycle = status;
    this.world.columns.mark(this.index, PAUSED, status === 'paused');
  }

  /** True when a check reads this node's state. */
  get watched(): boolean {
    return this.isWatched;
  }

  set watched(watched: boolean) {
    this.isWatched = watched;
    this.world.columns.mark(this.index, WATCHED, watched);
  }

  /** Local microseconds per true microsecond at which its timers run: its clock's rate. */
  get timerRate(): number {
    return this.rate;
  }

  set timerRate(rate: number) {
    this.rate = rate;
    this.world.columns.mark(this.index, SKEWED, rate !== 1);
  }

  get clock(): NodeClock {
    return (this.clockUnit ??= this.newClock());
  }

  private newClock(): NodeClock {
    const clock = new NodeClock(this.world, this.options.clock, this.world.keepsTrace);
    clock.onRateChange = (oldRate, newRate) => {
      this.timerRate = newRate;
      this.world.retime(this, oldRate, newRate);
    };
    return clock;
  }

  get random(): RandomStream {
    return (this.stream ??= new RandomStream(this.world.seed, `node/${this.id}`));
  }

  /** What load faults do to the workload that this node generates. */
  get load(): Load {
    return (this.loadFaults ??= new Load());
  }

  /** Alarms stopped by a frozen clock: the local time left on each. */
  get frozen(): Map<EventHandle, Micros> {
    return (this.frozenAlarms ??= new Map());
  }

  /** Flows that wait for a signal, by its name. */
  get signals(): Map<string, SignalOp[]> {
    return (this.signalWaits ??= new Map());
  }

  /** Operations of this client that are not complete. */
  get openOperations(): Set<number> {
    return (this.open ??= new Set());
  }

  /** Links from here, by the index of the node they lead to. */
  get links(): Map<number, Link> {
    return (this.linkTable ??= new Map());
  }

  get role(): string {
    return this.actor.spec.role;
  }

  get cpu(): Cpu {
    return (this.cpuUnit ??= new Cpu(this, this.options.cpu));
  }

  get disk(): Disk {
    return (this.diskUnit ??= new Disk(this, new RandomStream(this.world.seed, `disk/${this.id}`), this.options.disk));
  }

  /** The CPU and disk as far as they have been used. */
  get used(): { readonly cpu: Cpu | undefined; readonly disk: Disk | undefined } {
    return { cpu: this.cpuUnit, disk: this.diskUnit };
  }

  /** Whatever this node draws from now on is drawn afresh. */
  redraw(salt: number): void {
    this.stream?.redraw(salt);
    this.ntp?.redraw(salt);
    this.diskUnit?.redraw(salt);
    for (const { random } of this.brownouts) random.redraw(salt);
    for (const { random } of this.loadFaults?.hotKeys ?? []) random.redraw(salt);
  }

  /** Recomputes `prompt` after a change of lifecycle or of faults. */
  reconsider(): void {
    this.prompt =
      this.status === 'up' &&
      this.sluggish.length === 0 &&
      this.brownouts.length === 0 &&
      this.perMessage === undefined;
    this.world.columns.mark(this.index, NOT_PROMPT, !this.prompt);
  }

  /** The phase that its actor says it is in; the lifecycle when it is not running. */
  get phase(): string {
    if (this.status !== 'up' && this.status !== 'paused') return this.status;
    return this.actor.spec.phase?.(this.state) ?? this.actor.spec.role;
  }
}
