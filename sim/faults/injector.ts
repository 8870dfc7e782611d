/**
 * The injector: makes a schedule happen in a world, and watches what comes of it.
 *
 * Nothing else injects a fault. Faults that overlap nest: the state of the world at any instant is that which the faults in
 * force make together, whatever the order in which they began and ended. Each fault draws from streams of its own, named
 * by its id, so that a schedule without it leaves every other draw as it was. A planned fault that changed no delivery, timer,
 * read or lifecycle has a count of 0.
 */
import { assert, unreachable } from '../base/assert.ts';
import { ConfigError } from '../base/errors.ts';
import { NEVER } from '../base/time.ts';
import type { Cpu } from '../world/cpu.ts';
import type { Disk } from '../world/disk.ts';
import type { Effect } from '../world/effect.ts';
import type { Node } from '../world/node.ts';
import type { World } from '../world/world.ts';
import type { Fault } from './fault.ts';
import { InForce } from './in-force.ts';
import { bendClock } from './inject-clock.ts';
import { harmDisk } from './inject-disk.ts';
import { brownOut, loadNodes } from './inject-load.ts';
import { bendLinks, cutOff } from './inject-network.ts';
import { crashInLoop, crashNode, hitTogether, holdDown, pauseNode, slowNode } from './inject-node.ts';
import { Factors, Outages } from './outages.ts';
import { schedule, type FaultSchedule } from './schedule.ts';
import { Sightings } from './sightings.ts';
import { checkTargets, knownFrom, nodesInside } from './targets.ts';

interface Counted extends Effect {
  readonly id: string;
}

export class Injector {
  private readonly world: World;
  private readonly planned: FaultSchedule;
  private readonly counts: readonly Counted[];
  private readonly outages: Outages;
  private readonly cpus = new Factors<Cpu>();
  private readonly disks = new Factors<Disk>();
  /** What nodes were doing when faults began and ended. */
  readonly sightings: Sightings;
  private armed = false;

  /** The world's nodes must be placed. Throws ConfigError for a fault that aims at what is not there. */
  constructor(world: World, planned: FaultSchedule) {
    this.world = world;
    this.planned = schedule(planned);
    this.counts = this.planned.map(({ id }) => ({ id, count: 0 }));
    this.outages = new Outages(world);
    this.sightings = new Sightings(world);
    const known = knownFrom(world.nodes);
    for (const [i, fault] of this.planned.entries()) {
      checkTargets(fault, `faults[${i}]`, known);
      if (fault.kind === 'zone-outage' && nodesInside(fault, world.nodes).length === 0) {
        throw new ConfigError(`faults[${i}].zone`, fault.zone, `a zone of region ${fault.region}`);
      }
    }
  }

  /** What each fault has changed so far, in the order of the schedule. */
  get effects(): readonly { readonly id: string; readonly count: number }[] {
    return this.counts;
  }

  /** Faults that have changed nothing so far. */
  ineffective(): Fault[] {
    return this.planned.filter((_, i) => this.counts[i]?.count === 0);
  }

  /** Puts the begin of every fault into the world's events, in the order of the schedule. */
  arm(): void {
    assert(!this.armed, 'an injector is armed once');
    this.armed = true;
    for (const [i, fault] of this.planned.entries()) {
      const effect = this.counts[i] as Counted;
      if (fault.at < NEVER) this.world.at(fault.at, { fire: () => this.begin(fault, effect) });
    }
  }

  private begin(fault: Fault, effect: Effect): void {
    const { world, sightings } = this;
    sightings.look(fault);
    const force = new InForce(world, fault, effect);
    this.apply(fault, force);
    if (fault.for === undefined || fault.at + fault.for >= NEVER) return;
    world.after(fault.for, {
      fire: () => {
        sightings.look(fault);
        force.end();
      },
    });
  }

  private apply(fault: Fault, force: InForce): void {
    const { world, outages } = this;
    const node = (): Node => world.named((fault as { node: string }).node);
    switch (fault.kind) {
      case 'crash':
        return crashNode(fault, force, node(), outages);
      case 'restart':
        return outages.reboot(node(), force.effect);
      case 'crash-loop':
        return crashInLoop(fault, force, node(), outages);
      case 'pause':
        return pauseNode(force, node(), outages);
      case 'slow':
        return slowNode(fault, force, node(), this.cpus);
      case 'destroy':
        return outages.destroy(node(), force.effect);
      case 'isolate':
        return cutOff(force, [node()]);
      case 'zone-outage':
      case 'region-outage':
        return this.takeOut(force, nodesInside(fault, world.nodes), fault.mode);
      case 'correlated':
        return hitTogether(
          fault,
          force,
          fault.nodes.map((name) => world.named(name)),
          outages,
        );
      case 'traffic-spike':
      case 'hot-key':
        return loadNodes(
          fault,
          force,
          fault.nodes === '*' ? world.nodes : fault.nodes.map((name) => world.named(name)),
        );
      case 'brown-out':
        return brownOut(fault, force, node(), this.cpus);
      case 'clock-offset':
      case 'clock-step':
      case 'clock-drift':
      case 'clock-freeze':
      case 'ntp-loss':
        return bendClock(fault, force, node());
      case 'disk-slow':
      case 'disk-full':
      case 'fsync-fail':
      case 'lost-writes':
      case 'torn-write':
      case 'bit-rot':
        return harmDisk(fault, force, node(), this.disks);
      case 'partition':
      case 'partition-one-way':
      case 'partition-partial':
      case 'flapping':
      case 'clog':
      case 'link-delay':
      case 'jitter':
      case 'loss':
      case 'duplicate':
      case 'reorder':
      case 'bandwidth':
        return bendLinks(fault, force);
      default:
        return unreachable(fault);
    }
  }

  private takeOut(force: InForce, nodes: readonly Node[], mode: 'crash' | 'isolate'): void {
    if (mode === 'isolate') cutOff(force, nodes);
    else for (const node of nodes) holdDown(force, node, this.outages);
  }
}
