import type { Split, SplitBrainResolver } from '../resolver.ts';

/** More than half of the view, or half of it with the member whose name is the lowest. Members can be lost one after the other down to two. */
export const isMajority = ({ view, side }: Split): boolean =>
  2 * side.length > view.length || (2 * side.length === view.length && side.includes(lowestOf(view)));

const lowestOf = (names: readonly string[]): string => names.reduce((lowest, name) => (name < lowest ? name : lowest));

/** The larger side goes on. */
export const keepMajority = (): SplitBrainResolver => ({ name: 'keep-majority', survives: isMajority });
