/** What every run keeps, whatever it simulates: looked at when it has ended. */
import { assert } from '../base/assert.ts';
import type { MetricsJson } from '../metrics/metrics.ts';
import type { Books } from './actor.ts';
import type { World } from './world.ts';

/**
 * Messages: sent + duplicated = delivered + dropped + in flight, the latter as found in the queue, held or stalled. Work: Little's law at each
 * CPU, to the microsecond. Requests: the books of the actors that keep any. Throws AssertionError.
 */
export function assertConserved(world: World, { counters }: MetricsJson): void {
  const { network } = world;
  const scattered = world.countInFlight();
  assert(
    scattered === network.inFlight,
    `messages are not conserved: ${network.inFlight} in flight by the books, ${scattered} found`,
  );
  for (const node of world.nodes) {
    const { cpu } = node.used;
    const [over, of] = [cpu?.books.workOverTime, cpu?.books.timeOfWork];
    assert(over === of, `the CPU of ${node.id} does not keep Little's law: ${over} is not ${of}`);
  }
  assertBooks(world, counters);
}

function assertBooks({ nodes }: World, counters: MetricsJson['counters']): void {
  // A crash takes the state, and the counters go on.
  const keepers = nodes.filter(
    ({ actor, life, status }) =>
      actor.spec.books !== undefined && life === 0 && (status === 'up' || status === 'paused'),
  );
  if (keepers.length === 0) return;
  const counted = new Map(counters.map(({ scope, name, value }) => [`${scope}\0${name}`, value]));
  for (const { id, actor, state } of keepers) {
    const sumOf = (names: readonly string[]): number =>
      names.reduce((sum, name) => sum + (counted.get(`${id}\0${name}`) ?? 0), 0);
    const { came, left, open } = actor.spec.books as Books<unknown>;
    const [received, gone, waiting] = [sumOf(came), sumOf(left), open(state)];
    assert(
      received === gone + waiting,
      `the books of ${id} do not balance: ${received} came (${came.join(', ')}), ${gone} left (${left.join(', ')}), ${waiting} are open`,
    );
  }
}
