/** Mistakes around a lease with fencing tokens. */
import type { Mutant } from './mutant.ts';

const SERVICE = 'models/lease/lease-service.ts';
const RESOURCE = 'models/lease/protected-resource.ts';
const LEASE = { scenario: 'lease-drift-fenced' } as const;

export const LEASE_MUTANTS: readonly Mutant[] = [
  {
    ...LEASE,
    name: 'token-not-compared',
    bug: 'The resource does not compare tokens.',
    file: RESOURCE,
    find: 'if (token < state.highestToken) {',
    replace: 'if (token < 0) {',
    profile: 'clocks',
    property: 'at most one holder acts',
  },
  {
    ...LEASE,
    name: 'token-compared-the-wrong-way',
    bug: 'The resource refuses tokens that are above the highest it has seen.',
    file: RESOURCE,
    find: 'if (token < state.highestToken) {',
    replace: 'if (state.highestToken > 0 && token > state.highestToken) {',
    profile: 'crashes',
    property: 'goodput returns',
  },
  {
    ...LEASE,
    name: 'token-of-a-read-not-remembered',
    bug: 'The resource remembers the tokens of writes only, so that an old holder can write after a new one has read.',
    file: RESOURCE,
    find: '  state.highestToken = token;\n',
    replace: "  if (access.kind === 'save') state.highestToken = token;\n",
    profile: 'clocks',
    property: 'at most one holder acts',
  },
  {
    ...LEASE,
    name: 'access-number-not-compared',
    bug: 'The resource compares tokens only, so that an access that comes late under the same token is done.',
    file: RESOURCE,
    find: '  if (token > state.highestToken || seq > state.highestSeq) return false;\n  if (seq < state.highestSeq) {',
    replace: '  if (token >= state.highestToken) return false;\n  if (seq < state.highestSeq) {',
    profile: 'network',
    property: 'no work is overwritten',
  },
  {
    ...LEASE,
    name: 'grant-told-before-fsync',
    bug: 'The service tells a token before it is on its disk.',
    file: SERVICE,
    find: '        yield* syncOrStop(ctx, (state) => void (state.broken = true));\n',
    replace: '',
    profile: 'crashes',
    property: 'tokens grow with every grant',
  },
  {
    ...LEASE,
    name: 'no-wait-after-a-restart',
    bug: 'A restarted service grants at once, although the leases of its last life have not ended.',
    file: SERVICE,
    find: 'closedUntil: ctx.clock.monotonic + term,',
    replace: 'closedUntil: 0,',
    profile: 'crashes',
    property: 'nothing is granted twice at a time',
  },
  {
    ...LEASE,
    name: 'lease-on-the-wall-clock',
    bug: 'The service compares the end of a lease, a monotonic reading, with its wall clock, which may be set.',
    file: SERVICE,
    find: "const held = state.holder !== '' && now < state.expiresAt;",
    replace: "const held = state.holder !== '' && ctx.clock.wall < state.expiresAt;",
    profile: 'clocks',
    property: 'nothing is granted twice at a time',
  },
];
