/** Six members of a SWIM group; what differs is whether others are asked before somebody is taken for dead, and whether he may refute it. */
import {
  crash,
  loss,
  ms,
  partitionOneWay,
  pause,
  s,
  sometimes,
  swimInvariants,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type MemberOpinion,
  type SwimView,
  type WorldBuilder,
} from '../../sim/index.ts';
import { swim, type SwimOptions, type SwimProtocol, type SwimRef, type SwimState } from '../../models/index.ts';
import { ALL_THAT_HEALS } from './claims.ts';
import { inTouch } from './in-touch.ts';
import { mostAgree } from './most-agree.ts';

const SIZE = 6;
const PERIOD = ms(200);

export interface SwimGroup {
  readonly members: readonly SwimRef[];
}

/** Places n1 … n6. */
export function swimGroup(world: WorldBuilder, options: Omit<SwimOptions, 'nodes' | 'period'>): SwimGroup {
  const members = world.refs<SwimProtocol>('n', SIZE);
  const actor = swim({ nodes: members, period: PERIOD, syncEvery: 5, ...options });
  for (const member of members) world.node(member, { actor });
  return { members };
}

/**
 * Nothing that n2 sends reaches n1, but everybody else hears both. One message in twenty is lost everywhere. n3 stands still for a
 * while, shorter than anybody has to wait before he gives it up; and n4 crashes, which everybody is to notice.
 */
export function swimGroupFaults({ members: [n1, n2, n3, n4] }: SwimGroup, faultFor: Micros): Fault[] {
  if (n1 === undefined || n2 === undefined || n3 === undefined || n4 === undefined) return [];
  return [
    partitionOneWay({ from: n2, to: n1, at: s(2), for: faultFor }),
    loss({ from: '*', to: '*', at: s(2), for: faultFor, probability: 0.05 }),
    pause({ node: n3, at: s(3), for: ms(600) }),
    crash({ node: n4, at: s(4), for: s(4) }),
  ];
}

/** Who has left counts as dead: nobody may take it for alive again. */
function* opinions(members: SwimState['members']): Generator<[string, MemberOpinion]> {
  for (const [id, { status, incarnation }] of members)
    yield [id, { status: status === 'left' ? 'dead' : status, incarnation }];
}

const viewOf = ({ incarnation, period, members, revision }: SwimState): SwimView => ({
  incarnation,
  period,
  revision,
  members: opinions(members),
});

export function swimGroupChecks({ members }: SwimGroup): readonly Check[] {
  const roles = ['member'];
  return [
    ...swimInvariants<SwimState>({
      view: viewOf,
      // 2n − 1 until the turn of the crashed comes, one for the answer that does not.
      noticedWithin: { periods: 2 * members.length },
      // The periods that a suspect has to refute, and some for the news to travel.
      accuracy: inTouch(11 * PERIOD),
      roles,
    }),
    mostAgree<SwimState>(members, (state, id) => state.members.get(id)?.status === 'alive'),
    sometimes(
      'a probe has no answer',
      (view) => members.some((member) => (view.state<SwimState>(member)?.unanswered.size ?? 0) > 0),
      { roles },
    ),
  ];
}

const limits: NemesisLimits = { quietAfter: s(5), maxDuration: s(4) };

export const swimGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
