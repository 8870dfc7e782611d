/** How faults of the network take hold: as conditions on the links that they apply to. */
import { compile } from '../random/sampler.ts';
import type { Condition, Disturbance } from '../world/link.ts';
import type { Node } from '../world/node.ts';
import type { FaultOf } from './fault.ts';
import type { InForce } from './in-force.ts';

type Applies = Condition['applies'];

/** Puts a disturbance on links; it lasts until it is lifted, at the latest to the end of the fault. Returns how to lift it. */
function impose(force: InForce, disturbance: Disturbance, applies: Applies): () => void {
  const { network } = force.world;
  const condition: Condition = { name: force.id, disturbance, effect: force.effect, applies };
  network.impose(condition);
  const lift = (): void => network.lift(condition);
  force.atEnd(lift);
  return lift;
}

const DROP: Disturbance = { kind: 'drop' };

/** Links between nodes of different groups. A node in no group is not concerned. */
function acrossGroups(groups: FaultOf<'partition'>['groups']): Applies {
  const groupOf = new Map<string, number>();
  for (const [i, group] of groups.entries()) for (const name of group) groupOf.set(name, i);
  const rest = groupOf.get('*');
  const side = (node: Node): number | undefined => groupOf.get(node.id) ?? rest;
  return (from, to) => {
    const a = side(from);
    const b = side(to);
    return a !== undefined && b !== undefined && a !== b;
  };
}

/** Links from one set of nodes to another. */
function between(from: '*' | readonly string[], to: '*' | readonly string[]): Applies {
  const sources = from === '*' ? undefined : new Set(from);
  const sinks = to === '*' ? undefined : new Set(to);
  return (a, b) => (sources === undefined || sources.has(a.id)) && (sinks === undefined || sinks.has(b.id));
}

function acrossPairs(pairs: FaultOf<'partition-partial'>['pairs']): Applies {
  const cut = new Set(pairs.flatMap(([a, b]) => [`${a}\n${b}`, `${b}\n${a}`]));
  return (from, to) => cut.has(`${from.id}\n${to.id}`);
}

/** Cuts these nodes off from all others; among themselves they can talk. */
export function cutOff(force: InForce, nodes: readonly Node[]): void {
  const inside = new Set(nodes);
  impose(force, DROP, (from, to) => inside.has(from) !== inside.has(to));
}

function flap(fault: FaultOf<'flapping'>, force: InForce): void {
  const applies = acrossGroups(fault.groups);
  let lift = (): void => undefined;
  force.atEnd(() => lift());
  const cut = (): void => {
    const { network } = force.world;
    const condition: Condition = { name: force.id, disturbance: DROP, effect: force.effect, applies };
    network.impose(condition);
    lift = () => network.lift(condition);
    force.after(fault.down, lift);
    force.after(fault.down + fault.up, cut);
  };
  cut();
}

const disturbanceOf = (fault: LinkFault): Disturbance => {
  switch (fault.kind) {
    case 'link-delay':
      return {
        kind: 'delay',
        factor: fault.factor ?? 1,
        perLink: true,
        ...(fault.extra === undefined ? {} : { extra: compile(fault.extra) }),
      };
    case 'jitter':
      return { kind: 'delay', extra: compile(fault.extra) };
    case 'loss':
    case 'duplicate':
      return { kind: fault.kind, probability: fault.probability };
    case 'reorder':
      return { kind: 'reorder', probability: fault.probability, window: fault.window };
    case 'bandwidth':
      return { kind: 'bandwidth', bytesPerSecond: fault.bytesPerSecond };
  }
};

type LinkFault = FaultOf<'link-delay' | 'jitter' | 'loss' | 'duplicate' | 'reorder' | 'bandwidth'>;
type NetworkFault = LinkFault | FaultOf<'partition' | 'partition-one-way' | 'partition-partial' | 'flapping' | 'clog'>;

export function bendLinks(fault: NetworkFault, force: InForce): void {
  switch (fault.kind) {
    case 'partition':
      impose(force, DROP, acrossGroups(fault.groups));
      return;
    case 'flapping':
      flap(fault, force);
      return;
    case 'partition-one-way':
      impose(force, DROP, between(fault.from, fault.to));
      return;
    case 'partition-partial':
      impose(force, DROP, acrossPairs(fault.pairs));
      return;
    case 'clog':
      impose(force, { kind: 'hold' }, clogged(fault));
      return;
    default:
      impose(force, disturbanceOf(fault), between(fault.from, fault.to));
  }
}

function clogged(fault: FaultOf<'clog'>): Applies {
  if (fault.nodes === undefined) return between(fault.from ?? '*', fault.to ?? '*');
  const nodes = new Set(fault.nodes);
  return (from, to) => nodes.has(from.id) || nodes.has(to.id);
}
