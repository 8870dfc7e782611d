/** Links without luck in their latency: every message takes what it takes on average. For runs in which noise must not matter. */
import { NEVER } from '../base/time.ts';
import { constant } from '../random/distribution.ts';
import { compile, type Sampler } from '../random/sampler.ts';
import type { LinkLaw } from './link.ts';

/** The mean in whole microseconds; the middle draw of a distribution whose mean is infinite. */
function nominal(latency: Sampler): Sampler {
  const { mean } = latency;
  const typical = mean < NEVER ? Math.round(mean) : latency.sample({ next: () => 0.5 });
  return compile(constant(typical));
}

/** Replaces latencies by their nominal values; each law is converted once. Loss, duplication and reordering stay as they are. */
export function nominalLatencies(): (law: LinkLaw) => LinkLaw {
  const known = new Map<LinkLaw, LinkLaw>();
  return (law) => {
    let flat = known.get(law);
    if (flat === undefined) known.set(law, (flat = { ...law, latency: nominal(law.latency) }));
    return flat;
  };
}
