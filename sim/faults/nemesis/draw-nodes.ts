/** Accidents of single nodes: crashes, pauses, slow work, disks, and what no node recovers from. */
import { ms } from '../../base/time.ts';
import { KEEPS_QUORUM_FROM } from './family.ts';
import {
  bitRot,
  brownOut,
  crash,
  crashLoop,
  destroy,
  diskFull,
  diskSlow,
  fsyncFail,
  lostWrites,
  pause,
  restart,
  slow,
  tornWrite,
} from '../constructors.ts';
import type { Fault } from '../fault.ts';
import { upTo, type Draw, type Drawer } from './drawer.ts';
import type { FaultFamily } from './family.ts';
import type { Window } from './arena.ts';
import type { NemesisNode } from './topology.ts';

interface Hit extends Window {
  readonly node: string;
}

/** A node of the family and a time; when it takes the node `down`, the limits must allow that. */
function aim({ arena, random, severity }: Draw, family: FaultFamily, options: { down: boolean; least?: number }) {
  const node: NemesisNode = random.pick(arena.targets(family));
  const window = arena.window(random, severity, options.least);
  if (window === undefined || (options.down && !arena.claim([node], window))) return undefined;
  const hit: Hit = { node: node.id, ...window };
  return { node, hit, window };
}

export const drawCrash: Drawer = (draw) => {
  const { arena, random } = draw;
  const loops = random.chance(0.25);
  const aimed = aim(draw, 'crash', { down: true, least: loops ? ms(20) : 1 });
  if (aimed === undefined) return [];
  const { hit } = aimed;
  if (!loops) return [crash(hit)];
  const every = arena.whole(Math.floor(hit.for / random.between(2, 5)), ms(2));
  return [crashLoop({ ...hit, every, down: arena.whole(Math.floor(every / random.between(2, 4)), ms(1)) })];
};

export const drawPause: Drawer = (draw) => {
  const aimed = aim(draw, 'pause', { down: true });
  return aimed === undefined ? [] : [pause(aimed.hit)];
};

export const drawSlow: Drawer = (draw) => {
  const { random, severity } = draw;
  const aimed = aim(draw, 'slow', { down: false });
  if (aimed === undefined) return [];
  const factor = upTo(random, severity, [2, 5, 10, 50]);
  const delay = { kind: 'exponential', mean: upTo(random, severity, [ms(1), ms(5), ms(20), ms(100)]) } as const;
  // Not every node does CPU work; what arrives late is felt by all.
  return [slow(random.chance(0.5) ? { ...aimed.hit, factor } : { ...aimed.hit, factor, delay })];
};

const DISK_MODES = ['slow', 'full', 'fsync', 'torn'] as const;

/**
 * A disk that is full or does not sync, and a power failure that tears the last write, take the node down: after a write or a
 * sync that failed, a careful node has stopped. So it is restarted at the end of the fault. A sync that fails may lose what was
 * written; that is drawn only where a quorum goes on without the node.
 */
export const drawDisk: Drawer = (draw) => {
  const { arena, random, severity, room } = draw;
  const mode = random.pick(DISK_MODES);
  const aimed = aim(draw, 'disk', { down: mode !== 'slow', least: 4 });
  if (aimed === undefined) return [];
  const { node, hit, window } = aimed;
  if (mode === 'slow') return [diskSlow({ ...hit, factor: upTo(random, severity, [2, 10, 50, 200]) })];
  if (room < 2 || !arena.targets('crash').includes(node)) return [];
  if (mode === 'torn') {
    const { at, ...rest } = arena.within(window, 0.5, 1);
    return [tornWrite(hit), crash({ node: hit.node, at, ...rest })];
  }
  const again = restart({ node: hit.node, at: hit.at + hit.for });
  if (mode === 'full') return [diskFull(hit), again];
  return arena.unrestricted || arena.sizeOf(node.role) >= KEEPS_QUORUM_FROM ? [fsyncFail(hit), again] : [];
};

/** A disk that lies is found out by a crash; rot shows when what has rotted is read, at the latest after a restart. */
export const drawCorruption: Drawer = (draw) => {
  const { arena, random, severity, room } = draw;
  const aimed = aim(draw, 'corruption', { down: true, least: 4 });
  if (aimed === undefined) return [];
  const { node, hit, window } = aimed;
  const harm: Fault = random.chance(0.5)
    ? lostWrites(hit)
    : bitRot({ node: hit.node, at: hit.at, probability: upTo(random, severity, [0.01, 0.1, 0.5, 1]) });
  if (room < 2 || !arena.targets('crash').includes(node)) return [harm];
  const { at, ...rest } = arena.within(window, 0.5, 1);
  return [harm, crash({ node: hit.node, at, ...rest })];
};

/** A node that is gone with its disk, or that nobody starts again. */
export const drawPermanent: Drawer = (draw) => {
  const aimed = aim(draw, 'permanent', { down: true });
  if (aimed === undefined) return [];
  const { node, at } = aimed.hit;
  return [draw.random.chance(0.5) ? destroy({ node, at }) : crash({ node, at })];
};

export const drawBrownOut: Drawer = (draw) => {
  const { random, severity } = draw;
  const aimed = aim(draw, 'load', { down: false });
  if (aimed === undefined || aimed.node.role === 'client') return [];
  const probability = upTo(random, severity, [0.05, 0.2, 0.5, 0.9]);
  return [brownOut({ ...aimed.hit, probability, factor: upTo(random, severity, [1, 2, 5, 10]) })];
};
