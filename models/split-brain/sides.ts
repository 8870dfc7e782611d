/** Who reaches whom, from what each says that it hears: both directions of a link have to work; and what such a side is a side of. */
import type { MemberSettings } from './member-settings.ts';
import type { Heard, MemberState, View } from './member-state.ts';
import type { Split, SplitBrainResolver } from './resolver.ts';

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

/** Successors that one of these has agreed to and not seen come, as far as this node knows; each once. */
export function attemptsOf(names: readonly string[], state: MemberState, self: string): readonly View[] {
  const all = names.flatMap((name) => (name === self ? state : state.peers[name])?.attempts ?? []);
  return all.filter((view, i) => all.findIndex((other) => isSameView(view, other)) === i);
}

export const isSameView = (a: View, b: View): boolean => a.epoch === b.epoch && a.members.join() === b.members.join();

/** A side of the view of that epoch. */
export interface ViewSplit extends Split {
  readonly epoch: number;
}

/** What a view of `members` succeeds: the one that those who are kept come from, and what it takes the place of. */
export const splitsOf = (
  base: View,
  kept: readonly string[],
  attempts: readonly View[],
  members: readonly string[],
): readonly ViewSplit[] => [
  { epoch: base.epoch, view: base.members, side: kept },
  ...attempts.map((one) => ({
    epoch: one.epoch,
    view: one.members,
    side: one.members.filter((name) => members.includes(name)),
  })),
];

export const isWhole = ({ view, side }: Split): boolean => side.length === view.length;

/** Whether a side may go on, of whichever of these the others are. */
export const mayGoOn = (splits: readonly Split[], { survives }: SplitBrainResolver): boolean =>
  splits.every((split) => isWhole(split) || survives(split));
