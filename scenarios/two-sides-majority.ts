import { choice, count, defineScenario, holds, s, type NodeRef } from '../sim/index.ts';
import {
  keepMajority,
  keepOldest,
  keepReferee,
  leaseMajority,
  staticQuorum,
  type ArbiterProtocol,
  type SplitBrainResolver,
} from '../models/index.ts';
import { splitGroup, splitGroupChecks, splitGroupFaults, splitGroupNemesis } from './worlds/split-group.ts';

type Rule = 'keep-majority' | 'static-quorum' | 'keep-oldest' | 'keep-referee' | 'lease-majority';
const RULES: readonly Rule[] = ['keep-majority', 'static-quorum', 'keep-oldest', 'keep-referee', 'lease-majority'];

/** The same split with a rule that lets one side go on: by majority, by a fixed quorum, by who is oldest, by a referee, by a third place. */
export default defineScenario({
  name: 'two-sides-majority',
  question: 'Does a rule for splits keep what was acknowledged, with one side going on at most?',
  params: {
    nodes: count(5, { min: 4, max: 9, doc: 'members of the group; the first two are cut off' }),
    rule: choice<Rule>('keep-majority', RULES, 'which side goes on'),
  },
  seed: 'two-sides-go-on',
  duration: s(10),
  recovery: false,
  build: ({ world, params, duration }) =>
    splitGroup({ ...params, world, duration, resolver: (nodes, arbiter) => ruleOf(params.rule, nodes, arbiter) }),
  faults: splitGroupFaults,
  checks: splitGroupChecks,
  expect: holds(),
  nemesis: splitGroupNemesis,
});

function ruleOf(rule: Rule, nodes: readonly NodeRef[], arbiter: NodeRef<ArbiterProtocol>): SplitBrainResolver {
  const of = nodes.length;
  if (rule === 'static-quorum') return staticQuorum({ size: Math.floor(of / 2) + 1, of });
  if (rule === 'keep-oldest') return keepOldest();
  if (rule === 'keep-referee') return keepReferee((nodes[2] as NodeRef).id);
  return rule === 'lease-majority' ? leaseMajority({ arbiter }) : keepMajority();
}
