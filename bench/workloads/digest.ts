/** What the digest, which is always on, takes of a run: the ring with it and without. */
import { Digest, type World } from '../../sim/index.ts';
import { contest } from '../contest.ts';
import type { Row } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';
import { driven } from './drive.ts';
import { ringTime, ringWorld } from './ring.ts';

const NODES = 100;
const EVENTS = 500_000;

class NoDigest extends Digest {
  override fold(): void {}
  override foldEvent(): void {}
  override foldText(): void {}
}

function withoutDigest(world: World): World {
  // Nobody but this benchmark may have a run without a digest, so there is no option for it.
  (world as { digest: Digest }).digest = new NoDigest();
  return world;
}

export const digest: Row = {
  name: 'digest',
  measure({ rounds, size }) {
    const time = ringTime(NODES, EVENTS * size);
    const contestants = [driven(ringWorld(NODES), time), driven(withoutDigest(ringWorld(NODES)), time)];
    const [on = [], off = []] = contest(rounds * 2, contestants);
    const share = perRound(on, off, (x, y) => (100 * (x - y)) / x);
    return [
      {
        work: 'digest, share of a ring of 100, per delivery',
        cost: spreadOf(on),
        reference: spreadOf(off),
        figure: spreadOf(share),
        unit: '%',
        budget: { sense: 'at most', limit: 7 },
      },
    ];
  },
};
