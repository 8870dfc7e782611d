import { choice, count, defineScenario, holds, ms, s, span } from '../sim/index.ts';
import { dottedVersionVectors } from '../models/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { dynamoGroupChecks } from './worlds/dynamo-checks.ts';
import { dynamoGroup, dynamoGroupFaults, dynamoGroupLimits } from './worlds/dynamo-group.ts';

/**
 * The same partition and crash as in lost-cart-item, with the same luck. Carts that did not know of each other are kept side
 * by side, and the next shopper merges them. Stand-ins keep what owners on the other side should have, and hand it over.
 */
export default defineScenario({
  name: 'lost-cart-item-siblings',
  question:
    'Does a store that keeps concurrent carts as siblings, takes writes on both sides of a partition and loses none?',
  params: {
    shoppers: count(3, { min: 1, max: 20, doc: 'shoppers, about five adds a second each' }),
    writeQuorum: count(2, { min: 1, max: 3, doc: 'durable copies that a put needs, of 3' }),
    readQuorum: count(2, { min: 1, max: 3, doc: 'answers that a get needs, of 3' }),
    fsync: choice<'always' | 'group'>('always', ['always', 'group'], 'flush for each copy, or for several at once'),
    faultFor: span('3s', 'how long the network stays split'),
  },
  seed: 'lost-cart-item',
  duration: s(13),
  recovery: ms(1500),
  build: ({ world, params, duration }) =>
    dynamoGroup({ world, duration, versioning: dottedVersionVectors(), ...params }),
  faults: (group) => dynamoGroupFaults(group, { at: s(3), for: group.params.faultFor }),
  checks: dynamoGroupChecks,
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS, limits: dynamoGroupLimits },
});
