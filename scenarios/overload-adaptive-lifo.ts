import { count, defineScenario, holds, s, span, trafficSpike } from '../sim/index.ts';
import { adaptiveLifo, controlledDelay } from '../models/index.ts';
import { floodedServer, floodedServerChecks, floodedServerNemesis } from './worlds/flooded-server.ts';

/**
 * The same spike on a server with the queue of Facebook's: while it does not get empty nobody may wait in it for longer than 20 ms, and
 * who came last is served first. It refuses what it cannot do in time, and does only what somebody waits for.
 */
export default defineScenario({
  name: 'overload-adaptive-lifo',
  question:
    'Requests spike for three seconds: does a server recover whose queue is adaptive LIFO with controlled delay?',
  seed: 'overload-fifo',
  params: {
    rate: count(85, { min: 1, max: 97, doc: 'requests a second; the server can do 100' }),
    spikeFor: span('3s', 'how long four times as many come'),
  },
  duration: s(25),
  build: ({ world, params, duration }) =>
    floodedServer({
      world,
      duration,
      rate: params.rate,
      discipline: controlledDelay({ target: '20ms', interval: '200ms', order: adaptiveLifo() }),
    }),
  faults: ({ clients, params }) => [trafficSpike({ nodes: clients, at: s(5), for: params.spikeFor, factor: 4 })],
  checks: floodedServerChecks,
  expect: holds(),
  nemesis: floodedServerNemesis,
});
