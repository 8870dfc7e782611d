/** Mistakes in SWIM and in gossip membership. */
import type { Mutant } from './mutant.ts';

const NEWS = 'models/membership/swim-news.ts';
const SWIM = 'models/membership/swim.ts';
const OPINION = 'models/membership/opinion.ts';
const GOSSIP = 'models/membership/gossip-membership.ts';
const FALSE_ALARM = {
  scenario: 'false-alarm-swim',
  property: 'no live node in touch with the others is declared dead',
} as const;
const ONE_WITNESS = {
  scenario: 'false-witness-second',
  property: 'no live node is declared dead that only one other misses',
} as const;

export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    ...FALSE_ALARM,
    name: 'refuted-with-the-same-incarnation',
    bug: 'A member that is suspected says that it is alive, but does not raise its incarnation.',
    file: NEWS,
    find: '  state.incarnation = incarnation + 1;\n',
    replace: '  state.incarnation = incarnation;\n',
    profile: 'network',
  },
  {
    ...FALSE_ALARM,
    name: 'second-suspicion-timed-from-the-first',
    bug: 'A member that is suspected again, having refuted the first suspicion, is given what was left of that.',
    file: NEWS,
    find: '    before.suspectedIn = state.period;\n',
    replace: "    if (status !== 'suspect' || before.suspectedIn === 0) before.suspectedIn ||= state.period;\n",
    profile: 'network',
  },
  {
    ...FALSE_ALARM,
    name: 'suspicion-timed-from-the-start',
    bug: 'Suspicions are timed from the start of the observer, not from their own.',
    file: SWIM,
    find: 'state.period - suspectedIn >= suspicion',
    replace: 'suspectedIn >= 0 && state.period >= suspicion',
    profile: 'network',
  },
  {
    ...FALSE_ALARM,
    name: 'old-death-stands-over-a-new-life',
    bug: 'A death stands over any incarnation, as in the paper, although members come back.',
    file: OPINION,
    find: '  now.incarnation > before.incarnation ||\n',
    replace:
      "  now.incarnation > before.incarnation ||\n  (now.status === 'dead' && (before.status === 'alive' || before.status === 'suspect')) ||\n",
    profile: 'crashes',
    property: 'opinions give way to higher precedence only',
  },
  {
    ...FALSE_ALARM,
    name: 'the-dead-are-never-asked',
    bug: 'What is known is exchanged with those only who are taken for alive.',
    file: SWIM,
    find: "filter(({ status }) => status !== 'left')",
    replace: "filter(({ status }) => status === 'alive')",
    profile: 'partitions',
    property: 'most members agree who is there',
  },
  {
    ...FALSE_ALARM,
    name: 'answers-for-whom-it-should-ask',
    bug: 'A member that is asked to ping another answers in its place, without having asked.',
    file: SWIM,
    find: "ctx.send(target, 'ping', { number: state.number, ...tell(state, target, ctx) });",
    replace: "ctx.send(from, 'ack', { number, ...tell(state, from, ctx) });",
    profile: 'crashes',
    property: 'every crash is noticed',
  },
  {
    ...ONE_WITNESS,
    name: 'witnesses-off-by-one',
    bug: 'A member is declared dead with one witness less than it takes.',
    file: GOSSIP,
    find: 'count < this.witnesses',
    replace: 'count + 1 < this.witnesses',
    profile: 'partitions',
  },
  {
    ...ONE_WITNESS,
    name: 'witness-counted-again-when-heard-again',
    bug: 'An accusation that comes back by way of another member counts as a second one.',
    file: GOSSIP,
    find: 'entry.accusers.filter((id) => !member.accusers.includes(id))',
    replace: 'entry.accusers',
    profile: 'partitions',
  },
  {
    ...ONE_WITNESS,
    name: 'own-accusation-repeated',
    bug: 'A member that misses another says so again in each round, and counts itself each time.',
    file: GOSSIP,
    find: '!member.accusers.includes(ctx.self.id) && ',
    replace: '',
    profile: 'partitions',
  },
  {
    ...ONE_WITNESS,
    name: 'accusations-outlive-the-heartbeat',
    bug: 'A higher heartbeat does not clear the accusations that it refutes.',
    file: GOSSIP,
    find: 'member.accusers = [...entry.accusers];',
    replace: 'member.accusers.push(...entry.accusers.filter((id) => !member.accusers.includes(id)));',
    profile: 'partitions',
    property: 'most members agree who is there',
  },
  {
    ...ONE_WITNESS,
    name: 'same-heartbeat-taken-for-a-sign-of-life',
    bug: 'A heartbeat that is known already counts as a sign of life: others keep the dead alive.',
    file: GOSSIP,
    find: 'a.heartbeat > b.heartbeat',
    replace: 'a.heartbeat >= b.heartbeat',
    profile: 'crashes',
    property: 'every crash is noticed',
  },
  {
    ...ONE_WITNESS,
    name: 'back-with-the-old-incarnation',
    bug: 'A member that has restarted counts from 0 in the incarnation that it had.',
    file: GOSSIP,
    find: '  state.incarnation = entry.incarnation + 1;\n',
    replace: '  state.incarnation = entry.incarnation;\n',
    profile: 'crashes',
    property: 'incarnations only grow, by their owners',
  },
];
