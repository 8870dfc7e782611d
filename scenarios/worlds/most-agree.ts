/** That a group comes to agree about who is there. */
import { eventually, s, type Check, type NodeRef, type RunView } from '../../sim/index.ts';

/** In good time after the faults more than half of the members take all of each other for alive, as `believes` tells from a member's state. */
export function mostAgree<S>(members: readonly NodeRef[], believes: (state: S, id: string) => boolean): Check {
  const core = Math.floor(members.length / 2) + 1;
  const agree = (view: RunView): boolean => {
    const states = members.map((member) => view.state<S>(member));
    const knows = (i: number, j: number): boolean => i === j || believes(states[i] as S, (members[j] as NodeRef).id);
    const up = states.flatMap((state, i) => (state === undefined ? [] : [i]));
    // A group is grown from each member, whoever comes first.
    return up.some((first) => {
      const group = [first];
      for (const next of up)
        if (next !== first && group.every((one) => knows(one, next) && knows(next, one))) group.push(next);
      return group.length >= core;
    });
  };
  return eventually('most members agree who is there', agree, { roles: ['member'], within: s(4) });
}
