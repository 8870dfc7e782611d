/** Six members of a SWIM group; what differs is whether others are asked before somebody is taken for dead, and whether he may refute it. */
import {
  crash,
  eventually,
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
  type RunView,
  type SwimView,
  type WorldBuilder,
} from '../../sim/index.ts';
import { swim, type SwimOptions, type SwimProtocol, type SwimRef, type SwimState } from '../../models/index.ts';
import { ALL_THAT_HEALS } from './claims.ts';
import { crashIsKnown } from './crash-is-known.ts';
import { noFalseAlarm } from './no-false-alarm.ts';

const SIZE = 6;
const PERIOD = ms(200);
const SUSPICION = 8;

export interface SwimGroup {
  readonly members: readonly SwimRef[];
}

/** Places n1 … n6. */
export function swimGroup(world: WorldBuilder, options: Omit<SwimOptions, 'nodes' | 'period'>): SwimGroup {
  const members = world.refs<SwimProtocol>('n', SIZE);
  const actor = swim({ nodes: members, period: PERIOD, suspicion: SUSPICION, syncEvery: 5, ...options });
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
const viewOf = ({ incarnation, members, revision }: SwimState): SwimView => ({
  incarnation,
  revision,
  members: Array.from(members, ([id, { status, incarnation: of }]) => [
    id,
    { status: status === 'left' ? 'dead' : status, incarnation: of },
  ]),
});

export function swimGroupChecks({ members }: SwimGroup): readonly Check[] {
  const roles = ['member'];
  // A fault may stay with a minority for ever, a pause with an observer: what is owed then is said by the first two.
  const laws = swimInvariants<SwimState>({ view: viewOf, noticedWithin: s(14), roles }).filter(isAlways);
  const core = Math.floor(members.length / 2) + 1;
  return [
    noFalseAlarm((SUSPICION + 3) * PERIOD),
    // 2n − 1 until the turn of the crashed comes, one for the answer that does not.
    crashIsKnown<SwimState>({
      name: 'a crashed node is known by all within 2n periods',
      within: 2 * members.length,
      period: (state) => state.period,
      believes: (state, id) => state.members.get(id)?.status === 'alive',
    }),
    ...laws,
    eventually('most members agree who is there', (view) => agreeing(view, members) >= core, { roles, within: s(4) }),
    sometimes(
      'a probe has no answer',
      (view) => members.some((member) => (view.state<SwimState>(member)?.unanswered.size ?? 0) > 0),
      { roles },
    ),
  ];
}

const isAlways = ({ kind }: Check): boolean => kind === 'always';

/** How many members take all of each other for alive: grown from each member, whoever comes first. */
function agreeing(view: RunView, members: readonly SwimRef[]): number {
  const states = members.map((member) => view.state<SwimState>(member));
  const believes = (i: number, j: number): boolean =>
    i === j || states[i]?.members.get((members[j] as SwimRef).id)?.status === 'alive';
  let most = 0;
  for (const [first, state] of states.entries()) {
    if (state === undefined) continue;
    const group = [first];
    for (const [next] of states.entries()) {
      const fits = states[next] !== undefined && group.every((one) => believes(one, next) && believes(next, one));
      if (next !== first && fits) group.push(next);
    }
    most = Math.max(most, group.length);
  }
  return most;
}

const limits: NemesisLimits = { quietAfter: s(5), maxDuration: s(4) };

export const swimGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
