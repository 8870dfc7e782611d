/** Who reaches whom, from what each says that it hears: both directions of a link have to work. */
import type { MemberSettings } from './member-settings.ts';
import type { Heard, MemberState } from './member-state.ts';

/** Those of `names` that reach one another: whoever misses most goes, of equals the last, until nobody misses anybody. */
export function mutuallyReachable(
  names: readonly string[],
  hears: (name: string) => readonly string[],
): readonly string[] {
  let left = [...names];
  for (;;) {
    const missing = left.map(
      (a) => left.filter((b) => a !== b && !(hears(a).includes(b) && hears(b).includes(a))).length,
    );
    const most = Math.max(0, ...missing);
    if (most === 0) return left;
    left = left.filter((_, i) => i !== missing.lastIndexOf(most));
  }
}

/**
 * Whom this node hears now, itself included. Who was missed has to be heard for twice `stableAfter` without a gap: one that comes and goes
 * would keep every side from ever being stable, and everyone from acknowledging anything.
 */
export function heardNow(
  { peers }: MemberState,
  self: string,
  now: number,
  settings: MemberSettings,
): readonly string[] {
  const isHeard = ({ at, since }: Heard): boolean =>
    now - at <= settings.timeout && (since === 0 || now - since >= 2 * settings.stableAfter);
  return [self, ...Object.keys(peers).filter((name) => isHeard(peers[name] as Heard))];
}
