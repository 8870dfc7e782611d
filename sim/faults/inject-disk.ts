/** How faults of disks take hold. */
import type { Disk } from '../world/disk.ts';
import type { Node } from '../world/node.ts';
import type { FaultOf } from './fault.ts';
import type { InForce } from './in-force.ts';
import type { Factors } from './outages.ts';

type DiskFault = FaultOf<'disk-slow' | 'disk-full' | 'fsync-fail' | 'lost-writes' | 'torn-write' | 'bit-rot'>;

export function harmDisk(fault: DiskFault, force: InForce, node: Node, factors: Factors<Disk>): void {
  const { effect, id } = force;
  if (fault.kind === 'bit-rot') {
    // A node that never used its disk has nothing on it that could rot.
    effect.count += node.used.disk?.rot(force.world.seed, `fault/${id}/${node.id}`, fault.probability) ?? 0;
    return;
  }
  const { disk } = node;
  const { faults } = disk;
  switch (fault.kind) {
    case 'disk-slow':
      force.join(faults.slow, effect);
      disk.slowdown = factors.add(disk, fault.factor);
      force.atEnd(() => {
        disk.slowdown = factors.remove(disk, fault.factor);
      });
      return;
    case 'disk-full':
      force.join(faults.full, effect);
      return;
    case 'fsync-fail':
      force.join(faults.failing, effect);
      return;
    case 'lost-writes':
      force.join(faults.lying, effect);
      return;
    case 'torn-write':
      force.join(faults.tearing, effect);
  }
}
