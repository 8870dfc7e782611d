import { choice, count, defineScenario, ms, s, span, violates } from '../sim/index.ts';
import { timestamps, vectorClocks, type Versioning } from '../models/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { dynamoGroupChecks } from './worlds/dynamo-checks.ts';
import { dynamoGroup, dynamoGroupFaults, dynamoGroupLimits } from './worlds/dynamo-group.ts';

const POLICIES = {
  timestamps: () => timestamps() as Versioning,
  'vector-clocks': () => vectorClocks() as Versioning,
} as const;

/**
 * Carts have timestamps, and the later one wins. Two shoppers who add to the same cart at the same time, or on two sides of a
 * partition, are both told that their item is in it; the store keeps one of the two carts.
 */
export default defineScenario({
  name: 'lost-cart-item',
  question: 'Does a store where the last write wins lose items that two shoppers add to one cart?',
  params: {
    versions: choice<keyof typeof POLICIES>(
      'timestamps',
      ['timestamps', 'vector-clocks'],
      'how versions are told apart; plain vector clocks lose what two shoppers write by way of one coordinator',
    ),
    shoppers: count(3, { min: 1, max: 20, doc: 'shoppers, about five adds a second each' }),
    faultFor: span('3s', 'how long the network stays split'),
  },
  duration: s(13),
  recovery: ms(1500),
  build: ({ world, params, duration }) =>
    dynamoGroup({ world, duration, versioning: POLICIES[params.versions](), shoppers: params.shoppers }),
  faults: (group) => dynamoGroupFaults(group, { at: s(3), for: group.params.faultFor }),
  checks: dynamoGroupChecks,
  expect: violates('no acknowledged add is lost'),
  nemesis: { profiles: ALL_THAT_HEALS, limits: dynamoGroupLimits },
});
