/** Synchronous rounds for the oracles: rumour mongering on bare states, anti-entropy and SWIM in a world where all begin rounds at once. */
import { constant, ms, RandomStream, s, World } from '../../../sim/index.ts';
import { epidemic, swim, type EpidemicState, type SwimOptions, type SwimState } from '../../../models/index.ts';
import type { EpidemicProtocol, RumourOptions, SwimProtocol } from '../../../models/index.ts';
import { RumourMongering, type HotRumours } from '../../../models/membership/rumour-mongering.ts';
import { drive } from '../../support/bare-world.ts';

export interface Spread {
  /** Share that never heard of it. */
  readonly residue: number;
  /** Messages a member. */
  readonly traffic: number;
  /** The round in which the last of them heard of it. */
  readonly last: number;
}

/** One rumour among n members, in cycles: it is news to whoever did not know it when the cycle began, however many tell it then. */
export function rumour(n: number, options: RumourOptions, seed: string): Spread {
  const mongering = new RumourMongering(options);
  const random = new RandomStream(seed, 'rumour');
  const hot: HotRumours[] = Array.from({ length: n }, () => new Map());
  const knows = new Float32Array(n).fill(1, 0, 1);
  hot[0]?.set('r', 0);
  let spreading = [0];
  let [told, last, heard] = [0, 0, 1];
  for (let cycle = 1; spreading.length > 0; cycle++) {
    const fresh: number[] = [];
    for (const member of spreading) {
      const other = (member + 1 + random.int(n - 1)) % n;
      const news = (knows[other] as number) < 1;
      told++;
      if (knows[other] === 0) {
        knows[other] = 0.5;
        fresh.push(other);
        heard++;
        last = cycle;
      }
      mongering.told(hot[member] as HotRumours, 'r', news, random);
    }
    for (const member of fresh) {
      knows[member] = 1;
      hot[member]?.set('r', 0);
    }
    spreading = [...spreading.filter((member) => hot[member]?.has('r')), ...fresh];
  }
  return { residue: 1 - heard / n, traffic: told / n, last };
}

/** Rounds of anti-entropy until every one of n members has what one had. */
export function roundsToAll(n: number, direction: 'push' | 'pull' | 'push-pull', seed: string): number {
  const world = new World({ seed });
  world.links({ latency: constant(ms(1)) });
  const nodes = world.refs<EpidemicProtocol>('n', n);
  const actor = epidemic({ nodes, rumours: false, antiEntropy: { every: 1, direction }, stagger: false });
  for (const node of nodes) world.node(node, { actor });
  drive(world, ms(1));
  const state = (i: number): EpidemicState => world.nodes[i]?.state as EpidemicState;
  state(0).updates.set('u', 'v');
  let missing = nodes.map((_, i) => i);
  for (let round = 1; ; round++) {
    drive(world, s(round) + ms(500));
    missing = missing.filter((i) => !state(i).updates.has('u'));
    if (missing.length === 0) return round;
  }
}

/** The same rumour by actors, all of whose rounds begin at once. */
export function rumourInWorld(n: number, rumours: RumourOptions, seed: string): Spread {
  const world = new World({ seed });
  world.links({ latency: constant(ms(1)) });
  const nodes = world.refs<EpidemicProtocol>('n', n);
  const actor = epidemic({ nodes, rumours, antiEntropy: false, stagger: false });
  for (const node of nodes) world.node(node, { actor });
  drive(world, ms(1));
  const states = world.nodes.map((node) => node.state as EpidemicState);
  states[0]?.updates.set('r', '');
  states[0]?.hot.set('r', 0);
  let [last, heard] = [0, 1];
  for (let round = 1; states.some(({ hot }) => hot.size > 0); round++) {
    drive(world, s(round) + ms(500));
    const now = states.filter(({ updates }) => updates.has('r')).length;
    if (now > heard) last = round;
    heard = now;
  }
  const told = nodes.reduce((sum, { id }) => sum + world.metrics.counter(id, 'rumours-sent').value, 0);
  return { residue: 1 - heard / n, traffic: told / n, last };
}

export interface SwimWorld {
  readonly world: World;
  readonly states: () => readonly SwimState[];
}

/** A SWIM group whose periods of 1 s all begin at once. */
export function swimWorld(n: number, seed: string, options: Partial<SwimOptions> = {}, loss = 0): SwimWorld {
  const world = new World({ seed });
  world.links({ latency: constant(ms(1)), loss });
  const nodes = world.refs<SwimProtocol>('n', n);
  const actor = swim({ nodes, stagger: false, syncEvery: 0, ...options });
  for (const node of nodes) world.node(node, { actor });
  return { world, states: () => world.nodes.map((node) => node.state as SwimState) };
}
