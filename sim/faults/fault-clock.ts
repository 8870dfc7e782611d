/** Faults of node clocks. True time, and so the trace, is not touched. */
import * as v from 'valibot';
import { node, ppm, shift, timed } from './fields.ts';

/** The wall clock reads `by` too much (too little, when negative) as long as the fault lasts, and NTP does not see it: its source lies. */
const clockOffset = v.strictObject({ kind: v.literal('clock-offset'), ...timed, node, by: shift });

/** The wall clock jumps by `by` once, forwards or backwards; NTP may correct it. With `for` it jumps back at the end, whatever NTP did. */
const clockStep = v.strictObject({ kind: v.literal('clock-step'), ...timed, node, by: shift });

/** The oscillator runs `ppm` parts per million fast (slow, when negative): both clocks, and every timer. */
const clockDrift = v.strictObject({ kind: v.literal('clock-drift'), ...timed, node, ppm });

/** A clock stands still and goes on from there. With the monotonic clock, timers stand still too. */
const clockFreeze = v.strictObject({
  kind: v.literal('clock-freeze'),
  ...timed,
  node,
  clock: v.picklist(['wall', 'monotonic', 'both'], '"wall", "monotonic" or "both"'),
});

/** The node's NTP client cannot reach its servers: nobody corrects the wall clock. */
const ntpLoss = v.strictObject({ kind: v.literal('ntp-loss'), ...timed, node });

export const clockFaults = [clockOffset, clockStep, clockDrift, clockFreeze, ntpLoss] as const;
