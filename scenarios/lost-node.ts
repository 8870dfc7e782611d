import { defineScenario, ms, s, span, violates } from '../sim/index.ts';
import { dottedVersionVectors } from '../models/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { dynamoGroupChecks } from './worlds/dynamo-checks.ts';
import { dynamoGroup, nodeLost, replacement, replacementLimits } from './worlds/dynamo-group.ts';

/**
 * A put is done when one node has it, and a get when one has answered: always available, and quick. A node that has lost
 * touch with all others goes on taking puts alone, and when it is gone, so are they.
 */
export default defineScenario({
  name: 'lost-node',
  question: 'Is an acknowledged put gone with the node that took it, when one copy is enough (W = 1)?',
  params: { apart: span('800ms', 'how long the node has lost touch before it is gone') },
  duration: s(13),
  recovery: ms(1500),
  build: ({ world, duration }) =>
    dynamoGroup({
      world,
      duration,
      versioning: dottedVersionVectors(),
      readQuorum: 1,
      writeQuorum: 1,
      ...replacement,
    }),
  faults: (group) => nodeLost(group, s(3), group.params.apart),
  checks: dynamoGroupChecks,
  expect: violates('acknowledged writes are on W replicas', { also: ['no acknowledged add is lost'] }),
  nemesis: { profiles: ALL_THAT_HEALS, limits: replacementLimits },
});
