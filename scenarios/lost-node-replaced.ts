import { count, defineScenario, holds, ms, s, sometimes, span } from '../sim/index.ts';
import { dottedVersionVectors } from '../models/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { dynamoGroupChecks, takenOver } from './worlds/dynamo-checks.ts';
import { dynamoGroup, nodeLost, replacement, replacementLimits } from './worlds/dynamo-group.ts';

/**
 * The same node is lost as in lost-node, with the same luck. A put needs two copies on disk, of three: one node may be lost
 * for ever. The operator takes the lost node out of the ring and has a new one join, and its ranges are filled while shoppers
 * go on.
 */
export default defineScenario({
  name: 'lost-node-replaced',
  question: 'Does every acknowledged put survive a node that is lost for good and replaced, with W = 2 of N = 3?',
  params: {
    writeQuorum: count(2, { min: 1, max: 3, doc: 'durable copies that a put needs, of 3' }),
    readQuorum: count(2, { min: 1, max: 3, doc: 'answers that a get needs, of 3' }),
    apart: span('800ms', 'how long the node has lost touch before it is gone'),
  },
  seed: 'lost-node',
  duration: s(13),
  recovery: ms(1500),
  build: ({ world, params: { writeQuorum, readQuorum }, duration }) =>
    dynamoGroup({ world, duration, versioning: dottedVersionVectors(), readQuorum, writeQuorum, ...replacement }),
  faults: (group) => nodeLost(group, s(3), group.params.apart),
  checks: (group) => [
    ...dynamoGroupChecks(group),
    sometimes('the new node has taken a cart over', (view) => takenOver(view, group), { roles: ['replica'] }),
  ],
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS, limits: replacementLimits },
});
