import { count, defineScenario, s, span, trafficSpike, violates } from '../sim/index.ts';
import { floodedServer, floodedServerChecks, floodedServerNemesis } from './worlds/flooded-server.ts';

/**
 * A metastable overload without a single retry: after the spike the queue is seven seconds long, everybody is served in turn, and everybody
 * has given up by then. The server is busy all the time, does what nobody waits for, and has little capacity left to catch up.
 */
export default defineScenario({
  name: 'overload-fifo',
  question:
    'Requests spike for three seconds: does a server that serves in order of arrival recover from its own queue?',
  params: {
    rate: count(85, { min: 1, max: 97, doc: 'requests a second; the server can do 100' }),
    spikeFor: span('3s', 'how long four times as many come'),
  },
  duration: s(25),
  build: ({ world, params, duration }) => floodedServer({ world, duration, rate: params.rate }),
  faults: ({ clients, params }) => [trafficSpike({ nodes: clients, at: s(5), for: params.spikeFor, factor: 4 })],
  checks: floodedServerChecks,
  expect: violates('goodput returns'),
  nemesis: floodedServerNemesis,
});
