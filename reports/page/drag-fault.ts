/** Dragging a fault's bar above the lanes: its middle moves it, its ends make it longer or shorter. */
import type { PageFault } from '../page-data.ts';
import { type Geometry, type Strip, stripY } from './geometry.ts';

export type MovedWindow = (id: string, at: number, until: number) => void;

/** A window that the pointer has in hand. */
export interface HeldWindow {
  readonly fault: PageFault;
  readonly grip: 'start' | 'end' | 'whole';
  /** Where it was taken. */
  readonly x: number;
  readonly at: number;
  readonly until: number;
}

/** Half the height of what can be taken hold of, and the length of an end, in pixels. */
const NEAR = 8;
const END = 7;

/** What is under the pointer; undefined: no bar. */
export function windowAt(geometry: Geometry, strips: readonly Strip[], x: number, y: number): HeldWindow | undefined {
  for (const { fault, row } of strips) {
    const from = Math.max(geometry.left, geometry.x(fault.at));
    const to = Math.min(geometry.right, geometry.x(fault.until));
    if (Math.abs(y - stripY(row)) > NEAR || x < from - END || x > to + END) continue;
    const grip =
      Math.abs(x - geometry.x(fault.until)) <= END
        ? 'end'
        : x <= from + END && from > geometry.left
          ? 'start'
          : 'whole';
    return { fault, grip, x, at: fault.at, until: fault.until };
  }
  return undefined;
}

/** The window when the pointer has come to `x`: whole milliseconds, or finer when the view is. */
export function movedTo(
  held: HeldWindow,
  geometry: Geometry,
  x: number,
): { readonly at: number; readonly until: number } {
  const perPixel = (geometry.view.to - geometry.view.from) / (geometry.right - geometry.left);
  const grain = perPixel >= 1_000 ? 1_000 : perPixel >= 100 ? 100 : 1;
  const by = Math.round(((x - held.x) * perPixel) / grain) * grain;
  const { at, until, grip } = held;
  if (grip === 'start') return { at: Math.max(0, Math.min(at + by, until - grain)), until };
  if (grip === 'end') return { at, until: Math.max(at + grain, until + by) };
  const shift = Math.max(-at, by);
  return { at: at + shift, until: until + shift };
}

export const cursorOf = (held: HeldWindow | undefined): string =>
  held === undefined ? '' : held.grip === 'whole' ? 'grab' : 'ew-resize';
