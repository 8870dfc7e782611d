/** The two reference loops beside each other: what a textbook's heap of objects takes, against the typed heap that all rows are measured by. */
import { versus } from './versus.ts';
import { bareLoop, bareObjectLoop } from './bare.ts';

const EVENTS = 400_000;

const reference = (pending: number) =>
  versus({
    name: `object-heap-${pending}`,
    work: `bare loop over a heap of objects, ${pending.toLocaleString('en')} pending, per event`,
    engine: ({ size }) => bareObjectLoop(pending, EVENTS * size),
    reference: ({ size }) => bareLoop(pending, EVENTS * size),
  });

export const references = [100, 10_000, 100_000].map(reference);
