/**
 * Customers who pay, and try again when no answer comes. What differs between the scenarios is whether the server can tell a second attempt
 * from a second payment.
 */
import { fullJitter, ms, s, sometimes, takesEffectOnce } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, RunView, WorldBuilder } from '../../sim/index.ts';
import { client, openLoop, payments } from '../../models/index.ts';
import type { PaymentsOptions, PaymentsProtocol, PaymentsState } from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface Till {
  readonly customers: readonly NodeRef[];
  readonly server: NodeRef<PaymentsProtocol>;
}

export interface TillOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Payments a second. */
  readonly rate: number;
  readonly keys: NonNullable<PaymentsOptions['keys']>;
}

const CUSTOMERS = 3;

export function till({ world, duration, rate, keys }: TillOptions): Till {
  const server = world.node('payments', { actor: payments({ keys }) });
  const actor = client<PaymentsProtocol>({
    target: server,
    workload: openLoop({ rate: rate / CUSTOMERS, until: duration - s(2) }),
    operation(ctx, n) {
      const order = `${ctx.self.id}/${n}`;
      return { message: 'charge', payload: { order, amount: 100, key: order }, key: order };
    },
    deadline: ms(100),
    retry: fullJitter({ attempts: 6, base: ms(50), cap: ms(500) }),
  });
  const customers = world.refs<Record<never, never>>('c', CUSTOMERS);
  for (const ref of customers) world.node(ref, { actor });
  return { customers, server };
}

export const CHARGED_ONCE = 'no order is charged twice';

const total = (view: RunView, customers: readonly NodeRef[], counter: string): number =>
  customers.reduce((sum, { id }) => sum + view.metrics.counter(id, counter).value, 0);

export const tillChecks = (built: Till): readonly Check[] => [
  takesEffectOnce({
    f: 'charge',
    name: CHARGED_ONCE,
    idOf: ({ key }) => key,
    effects(view) {
      const charged = view.state<PaymentsState>(built.server)?.charged;
      return charged && [...charged].flatMap(([order, times]) => Array<string>(times).fill(order));
    },
  }),
  sometimes('a payment is tried again', (view) => total(view, built.customers, 'retries') > 0, { roles: ['client'] }),
];

/** The one server comes back with its disk. One whose disk has failed to sync stays stopped until somebody restarts it. */
const limits: NemesisLimits = { roles: { payments: COMES_BACK.filter((family) => family !== 'disk') } };

export const tillNemesis = { profiles: ALL_THAT_HEALS.filter((profile) => profile !== 'disks'), limits };
