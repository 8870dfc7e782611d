/** Which drawer each family has. */
import { drawClock } from './draw-clock.ts';
import { drawBandwidth, drawClog, drawDelay, drawDuplicate, drawLoss, drawReorder } from './draw-links.ts';
import { drawLoad } from './draw-load.ts';
import { drawCorruption, drawCrash, drawDisk, drawPause, drawPermanent, drawSlow } from './draw-nodes.ts';
import { drawPartition } from './draw-partition.ts';
import { drawZone } from './draw-zone.ts';
import type { Drawer } from './drawer.ts';
import type { FaultFamily } from './family.ts';

export const DRAWERS: Readonly<Record<FaultFamily, Drawer>> = {
  crash: drawCrash,
  pause: drawPause,
  slow: drawSlow,
  partition: drawPartition,
  clog: drawClog,
  delay: drawDelay,
  loss: drawLoss,
  duplicate: drawDuplicate,
  reorder: drawReorder,
  bandwidth: drawBandwidth,
  clock: drawClock,
  disk: drawDisk,
  zone: drawZone,
  load: drawLoad,
  corruption: drawCorruption,
  permanent: drawPermanent,
};
