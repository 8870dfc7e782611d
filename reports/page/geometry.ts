/** Where things are in the diagram, in CSS pixels. */
import { niceWidth } from '../nice-width.ts';
import type { PageData, PageFault } from '../page-data.ts';
import type { View } from './store.ts';

const STRIP_ROW = 17;
const AXIS = 24;
const RIGHT = 14;

export interface Geometry {
  readonly width: number;
  readonly height: number;
  /** Left edge of the time axis. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly laneHeight: number;
  /** Bottom of the lanes. */
  readonly bottom: number;
  readonly view: View;
  x(at: number): number;
  at(x: number): number;
  /** Middle of a lane. */
  y(lane: number): number;
}

/** Faults in view, each with its row in the strip above the lanes. */
export interface Strip {
  readonly fault: PageFault;
  readonly row: number;
}

const MOST_STRIPS = 4;

export function stripsIn(page: PageData, view: View): readonly Strip[] {
  const seen = page.faults.filter((fault) => fault.effective && fault.at <= view.to && fault.until >= view.from);
  const busyUntil: number[] = [];
  const strips: Strip[] = [];
  for (const fault of seen.toSorted((a, b) => a.at - b.at)) {
    let row = busyUntil.findIndex((until) => until < fault.at);
    if (row < 0) row = busyUntil.length;
    if (row >= MOST_STRIPS) continue;
    // Room for the label, which may be longer than the bar.
    busyUntil[row] = Math.max(fault.until, Math.max(fault.at, view.from) + (view.to - view.from) * 0.3);
    strips.push({ fault, row });
  }
  return strips;
}

export interface GeometryOptions {
  readonly width: number;
  readonly gutter: number;
  readonly laneHeight: number;
  readonly lanes: number;
  readonly stripRows: number;
  readonly view: View;
}

export function geometryOf({ width, gutter, laneHeight, lanes, stripRows, view }: GeometryOptions): Geometry {
  const left = gutter;
  const right = Math.max(left + 40, width - RIGHT);
  const top = 22 + stripRows * STRIP_ROW;
  const bottom = top + lanes * laneHeight;
  const scale = (right - left) / (view.to - view.from);
  return {
    width,
    height: bottom + AXIS,
    left,
    right,
    top,
    laneHeight,
    bottom,
    view,
    x: (at) => left + (at - view.from) * scale,
    at: (x) => view.from + (x - left) / scale,
    y: (lane) => top + (lane + 0.5) * laneHeight,
  };
}

export const stripY = (row: number): number => 20 + row * STRIP_ROW;

/** Round instants, about one per `spacing` pixels. */
export function ticks(geometry: Geometry, spacing = 130): { readonly at: readonly number[]; readonly step: number } {
  const { view, left, right } = geometry;
  const least = ((view.to - view.from) / (right - left)) * spacing;
  const step = niceWidth(least);
  const at: number[] = [];
  for (let tick = Math.max(0, Math.ceil(view.from / step) * step); tick <= view.to; tick += step) at.push(tick);
  return { at, step };
}

/** Seconds with the digits that tell neighbouring ticks apart. */
export function tickText(at: number, step: number): string {
  const digits = Math.min(6, Math.max(0, Math.ceil(6 - Math.log10(step) - 1e-9)));
  return `${(at / 1e6).toFixed(digits)} s`;
}
