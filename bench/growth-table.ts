/** The table of growth: what an event costs and what an actor needs as the world grows, and how many links it used. */
import { columns } from './columns.ts';
import type { GrowthLine } from './row.ts';

const HEADER = ['load', 'actors', 'ns', 'growth', '(min–max)', 'booted', 'after', 'events', 'links used', 'per actor'];
const LEFT = new Set([0]);

const count = (value: number): string => value.toLocaleString('en');
const bytes = (value: number): string => `${(value / 1_024).toFixed(1)} KiB`;

function cellsOf({ work, actors, cost, growth, booted, after, events, links }: GrowthLine): string[] {
  return [
    work,
    count(actors),
    cost.median.toFixed(0),
    `${growth.median.toFixed(2)}×`,
    `(${growth.min.toFixed(2)}–${growth.max.toFixed(2)})`,
    bytes(booted),
    bytes(after),
    count(events),
    count(links),
    (links / actors).toFixed(1),
  ];
}

/** `booted` and `after`: heap in use per actor, once booted and after that many events. */
export const growthTable = (lines: readonly GrowthLine[]): string => columns([HEADER, ...lines.map(cellsOf)], LEFT);
