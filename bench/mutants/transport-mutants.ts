/** Mistakes in the ordered, reliable stream. */
import type { Mutant } from './mutant.ts';

const HOST = 'models/transport/stream-host.ts';
const SENDING = 'models/transport/stream-sending.ts';
const GARBLED = {
  scenario: 'garbled-feed-stream',
  property: 'messages come in order, without gap or duplicate',
} as const;

export const TRANSPORT_MUTANTS: readonly Mutant[] = [
  {
    ...GARBLED,
    name: 'old-segment-delivered-again',
    bug: 'A segment that was delivered already is taken for the next one when it comes again.',
    file: HOST,
    find: '    const inOrder = sequence === stream.expected;\n',
    replace:
      "    const inOrder = sequence === stream.expected;\n    if (sequence === stream.expected - 1) events.push({ kind: 'message', key, from: stream.peer, connection: stream.connection, payload });\n",
    profile: 'network',
  },
  {
    ...GARBLED,
    name: 'delivered-as-they-come',
    bug: 'What comes too early is delivered at once, and what is missing is skipped.',
    file: HOST,
    find: '    while (stream.early.has(stream.expected)) {',
    replace:
      '    if (sequence > stream.expected) stream.expected = sequence;\n    while (stream.early.has(stream.expected)) {',
    profile: 'network',
  },
  {
    ...GARBLED,
    name: 'nothing-is-sent-again-after-a-timeout',
    bug: 'After a timeout the sender goes on where it was, not where the acknowledgements end.',
    file: SENDING,
    find: '  stream.next = stream.unacknowledged;\n}',
    replace: '}',
    profile: 'partitions',
    property: 'messages arrive again',
  },
  {
    ...GARBLED,
    name: 'connection-not-told-apart',
    bug: 'All connections of two nodes have the same number: a reset opens the old one again.',
    file: HOST,
    find: '    const connection = ctx.random.uint32();\n',
    replace: '    const connection = 7;\n',
    profile: 'crashes',
  },
];
