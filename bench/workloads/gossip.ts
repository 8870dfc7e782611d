/**
 * Push-pull gossip (Demers et al., "Epidemic algorithms for replicated database maintenance", 1987): once a second each node
 * picks a node at random, sends what it knows and gets what that one knows. 10,000 nodes for 60 virtual seconds use a new link
 * for nearly every message; 100 nodes soon know all of theirs.
 */
import { defineActor, World, type NodeRef } from '../../sim/index.ts';
import { contest, type Contestant } from '../contest.ts';
import { peakMemory } from '../memory.ts';
import type { Row } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';
import { driven } from './drive.ts';

const SECONDS = 60;
const SLICES = 6;
const PERIOD = 1_000_000;

interface Rumor {
  readonly version: number;
  readonly value: string;
}

interface Gossip {
  push(payload: { rumor: Rumor; from: NodeRef<Gossip> }): void;
  pull(payload: { rumor: Rumor }): void;
}

interface Known {
  rumor: Rumor;
  heard: number;
}

function learn(state: Known, rumor: Rumor): void {
  state.heard++;
  if (rumor.version > state.rumor.version) state.rumor = rumor;
}

function gossipWorld(nodes: number): World {
  const world = new World({ seed: 'gossip' });
  const refs: NodeRef<Gossip>[] = world.refs('n', nodes);
  const actor = defineActor<Known, Gossip>({
    role: 'gossip',
    init: () => ({ rumor: { version: 0, value: '' }, heard: 0 }),
    start: (_state, ctx) => ctx.setTimer('round', ctx.random.int(PERIOD)),
    on: {
      push(state, { rumor, from }, ctx) {
        ctx.send(from, 'pull', { rumor: { ...state.rumor } });
        learn(state, rumor);
      },
      pull: (state, { rumor }) => learn(state, rumor),
    },
    timers: {
      round(state, ctx) {
        const self = ctx.self as NodeRef<Gossip>;
        if (self.index === 0)
          state.rumor = { version: state.rumor.version + 1, value: `news ${state.rumor.version + 1}` };
        const other = (self.index + 1 + ctx.random.int(nodes - 1)) % nodes;
        ctx.send(refs[other] as NodeRef<Gossip>, 'push', { rumor: { ...state.rumor }, from: self });
        ctx.setTimer('round', PERIOD);
      },
    },
  });
  for (const ref of refs) world.node(ref, { actor });
  return world;
}

/** As many events at each turn, whatever the number of nodes. */
const gossiping = (nodes: number, most: number, seconds: number): Contestant =>
  driven(gossipWorld(nodes), ((most * seconds) / nodes) * PERIOD);

export const gossip: Row = {
  name: 'gossip',
  measure({ size }) {
    const nodes = 10_000 * size;
    // The contest's two rounds of warm-up are part of the 60 seconds.
    const rounds = SLICES - 2;
    const [many = [], few = []] = contest(rounds, [
      gossiping(nodes, nodes, SECONDS / SLICES),
      gossiping(100, nodes, SECONDS / SLICES),
    ]);
    const work = `gossip of ${nodes.toLocaleString('en')} nodes for ${SECONDS} s`;
    return [
      {
        work: `${work}, per event, against 100 nodes`,
        cost: spreadOf(many),
        reference: spreadOf(few),
        figure: spreadOf(perRound(many, few, (x, y) => x / y)),
        unit: '×',
        budget: { sense: 'at most', limit: 2 },
      },
      {
        work: `${work}, memory of the process`,
        figure: spreadOf([peakMemory()]),
        unit: 'MiB',
        budget: { sense: 'at most', limit: 1536 },
      },
    ];
  },
};
