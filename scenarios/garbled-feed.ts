import { defineScenario, violates, s, span } from '../sim/index.ts';
import { messagePipe, messagePipeChecks, messagePipeFaults, messagePipeNemesis } from './worlds/message-pipe.ts';

/**
 * Datagrams, taken for a stream. As long as the network behaves nobody notices; then messages are lost, come twice, and overtake each other,
 * and the receiver, which takes each for the next one, has a feed with holes and repetitions.
 */
export default defineScenario({
  name: 'garbled-feed',
  question: 'What does an application receive that takes datagrams for a stream when the network loses and reorders?',
  params: { faultFor: span('4s', 'how long the network misbehaves') },
  duration: s(12),
  recovery: false,
  build: ({ world, duration }) => messagePipe({ world, duration, transport: 'datagram' }),
  faults: (pipe) => messagePipeFaults(pipe, pipe.params.faultFor),
  checks: messagePipeChecks,
  expect: violates('messages come in order, without gap or duplicate', {
    also: ['messages of one session are processed in order'],
  }),
  nemesis: messagePipeNemesis,
});
