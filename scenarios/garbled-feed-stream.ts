import { defineScenario, holds, s, span } from '../sim/index.ts';
import { messagePipe, messagePipeChecks, messagePipeFaults, messagePipeNemesis } from './worlds/message-pipe.ts';

/**
 * The same faults with the same luck. A stream sends again what is lost, drops what came twice and holds back what came too early; when the
 * receiver has crashed its senders learn that from a reset and begin anew.
 */
export default defineScenario({
  name: 'garbled-feed-stream',
  question:
    'Does a stream deliver in order and without gaps whatever the network does, and say so when the peer is gone?',
  seed: 'garbled-feed',
  params: { faultFor: span('4s', 'how long the network misbehaves') },
  duration: s(12),
  recovery: false,
  build: ({ world, duration }) => messagePipe({ world, duration, transport: 'stream' }),
  faults: (pipe) => messagePipeFaults(pipe, pipe.params.faultFor),
  checks: messagePipeChecks,
  expect: holds(),
  nemesis: messagePipeNemesis,
});
