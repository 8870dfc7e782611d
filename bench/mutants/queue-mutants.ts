/** Mistakes in the work queue that syncs before it answers, and in its consumers. */
import type { Mutant } from './mutant.ts';

const QUEUE = 'models/queue/work-queue.ts';
const STATE = 'models/queue/queue-state.ts';
const CONSUMER = 'models/queue/queue-consumer.ts';
const LOST = { scenario: 'lost-message-fsync', property: 'no acknowledged message is lost' } as const;

export const QUEUE_MUTANTS: readonly Mutant[] = [
  {
    ...LOST,
    name: 'publish-acked-before-fsync',
    bug: 'The broker acknowledges a message before its journal is on disk.',
    file: QUEUE,
    find: `        yield* accepted(request, settings, ctx);
        yield* durable(settings, ctx);`,
    replace: '        yield* accepted(request, settings, ctx);',
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'flush-vouches-for-what-came-later',
    bug: 'A group flush vouches for records that were written while it was under way.',
    file: QUEUE,
    find: 'state.synced = Math.max(state.synced, written);',
    replace: 'void written; state.synced = state.written;',
    params: { fsync: 'group' },
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'redelivery-forgets-the-message',
    bug: 'A message that is taken back from its consumer is not put into the queue again.',
    file: QUEUE,
    find: '    enqueue(state.ready, message);\n  }\n  if (next',
    replace: '  }\n  if (next',
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'delivered-taken-for-finished',
    bug: 'Recovery takes a message that was delivered for one that is done.',
    file: STATE,
    find: "    if (record.event === 'delivered') message.attempts++;\n    else {",
    replace: '    {',
    profile: 'crashes',
  },
  {
    ...LOST,
    params: { producers: 1, consumers: 1 },
    name: 'journal-not-cut-behind-a-torn-record',
    bug: 'Recovery writes on behind a torn record, where nobody will read it.',
    file: STATE,
    find: '  ctx.disk.truncate(JOURNAL, journal.length);\n',
    replace: '',
    profile: 'disks',
  },
  {
    ...LOST,
    name: 'done-marked-before-the-work',
    bug: 'A consumer acknowledges a message before it has worked on it.',
    file: CONSUMER,
    find: `    const operation = ctx.invoked({ f: 'process', key: broker.id, input: id }, \`\${worker}\`);
`,
    replace: `    yield* ctx.call(broker, 'acknowledge', { id, receipt }, { deadline: ms(200) });
    const operation = ctx.invoked({ f: 'process', key: broker.id, input: id }, \`\${worker}\`);
`,
    profile: 'crashes',
  },
];
