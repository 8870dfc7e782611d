/** Mistakes in the group that survives splits by majority. */
import type { Mutant } from './mutant.ts';

const CHANGE = 'models/split-brain/view-change.ts';
const MEMBER = 'models/split-brain/member.ts';
const LOST = { scenario: 'two-sides-majority', property: 'no acknowledged write is lost' } as const;
const ACTIVE = { scenario: 'two-sides-majority', property: 'one side is active' } as const;

export const SPLIT_BRAIN_MUTANTS: readonly Mutant[] = [
  {
    ...ACTIVE,
    name: 'half-is-a-majority',
    bug: 'Half of a view passes for a majority of it, on whichever side it is.',
    file: 'models/split-brain/resolvers/keep-majority.ts',
    find: '2 * side.length > view.length ||',
    replace: '2 * side.length >= view.length ||',
    params: { nodes: 4 },
    profile: 'partitions',
  },
  {
    ...ACTIVE,
    name: 'down-if-alone-leaves-any-other-side',
    bug: 'With keep-oldest any side without the oldest goes on, not only the one with all the others.',
    file: 'models/split-brain/resolvers/keep-oldest.ts',
    find: 'side.length === view.length - 1',
    replace: 'side.length > 1',
    params: { rule: 'keep-oldest' },
    profile: 'partitions',
  },
  {
    ...LOST,
    name: 'element-acked-before-the-others-have-it',
    bug: 'A member acknowledges an element when it has it on its own disk.',
    file: MEMBER,
    find: '    yield* ctx.all<unknown>([\n      synced(ctx),',
    replace: '    yield* ctx.any<unknown>([\n      synced(ctx),',
    profile: 'partitions',
  },
  {
    ...LOST,
    name: 'new-view-without-the-flush',
    bug: 'A member that has agreed to a new view goes on acknowledging in the old one.',
    file: MEMBER,
    find: "if (role === 'member' && view.epoch === epoch && attempts.length === 0) return;",
    replace: "if (role === 'member' && view.epoch === epoch) return;",
    profile: 'mixed',
  },
  {
    ...LOST,
    name: 'views-sets-are-the-proposer-s-joiners',
    bug: 'Who joins brings its sets along instead of those of the members.',
    file: CHANGE,
    find: 'for (const one of kept) for',
    replace: 'for (const one of joining.length > 0 ? joining : kept) for',
    profile: 'crashes',
  },
];
