/** Mistakes in generators of ids. */
import type { Mutant } from './mutant.ts';

const GENERATOR = 'models/ids/snowflake-generator.ts';
const SNOWFLAKE = 'models/ids/snowflake.ts';
const REGISTRY = 'models/ids/machine-registry.ts';
const TICKETS = 'models/ids/ticket-server.ts';
const property = 'linearizable unique ids';
const CLOCK = { scenario: 'id-clock-back-waits', profile: 'mixed', property } as const;
const LEASED = { scenario: 'id-same-machine-leased', profile: 'mixed', property } as const;
const TICKET = { scenario: 'lone-ticket-server-pair', profile: 'crashes', property } as const;

export const ID_MUTANTS: readonly Mutant[] = [
  {
    ...CLOCK,
    name: 'clock-back-not-noticed',
    bug: 'A clock that shows less than before is taken for one that shows a new millisecond.',
    file: SNOWFLAKE,
    find: "  if (now < clock.last) return 'back';\n  if (now > clock.last) {",
    replace: '  if (now !== clock.last) {',
  },
  {
    ...CLOCK,
    name: 'span-used-before-it-is-on-disk',
    bug: 'Timestamps are used before their reservation is on disk.',
    file: GENERATOR,
    find: '  ctx.disk.append(SPANS, limit);\n  yield* syncOrStop(ctx, (state) => void (state.broken = true));\n',
    replace: '  ctx.disk.append(SPANS, limit);\n  void syncOrStop;\n',
  },
  {
    ...CLOCK,
    name: 'reservation-forgotten',
    bug: 'After a restart a generator goes by its clock, whatever it has reserved.',
    file: GENERATOR,
    find: '      if (spans.length > 0) skipTo(state, Math.max(...spans) - 1);\n',
    replace: '      void spans;\n',
  },
  {
    ...LEASED,
    name: 'lease-told-before-it-is-on-disk',
    bug: 'The registry answers before its grant is on disk.',
    file: REGISTRY,
    find: '        yield* syncOrStop(ctx, (state) => void (state.broken = true));\n',
    replace: '        void syncOrStop;\n',
  },
  {
    ...TICKET,
    name: 'ticket-told-before-it-is-on-disk',
    bug: 'A ticket server answers before its number is on disk.',
    file: TICKETS,
    find: '        yield* syncOrStop(ctx, (state) => void (state.broken = true));\n',
    replace: '        void syncOrStop;\n',
  },
  {
    ...TICKET,
    name: 'both-offsets-the-same',
    bug: 'A ticket server counts on from its last number by one, not by the increment.',
    file: 'models/ids/auto-increment.ts',
    find: '  return offset + (Math.floor((last - offset) / increment) + 1) * increment;',
    replace: '  return last + 1;',
  },
];
