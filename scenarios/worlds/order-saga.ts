/** Orders as sagas: charge the customer, redeem the voucher, reserve a piece, ship it. What differs is whether the orchestrator keeps a log. */
import {
  crash,
  ms,
  s,
  sagaCompletion,
  sometimes,
  uniform,
  type Check,
  type Fault,
  type FaultFamily,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type RunView,
  type Saga,
  type SagaEffect,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  client,
  openLoop,
  sagaOrchestrator,
  sagaParticipant,
  type SagaOrchestratorState,
  type SagaParticipantState,
  type SagaProtocol,
  type SagaStepProtocol,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface OrderSaga {
  readonly orchestrator: NodeRef<SagaProtocol>;
  readonly services: readonly NodeRef[];
  readonly clients: readonly NodeRef[];
}

export interface OrderSagaOptions {
  readonly world: WorldBuilder;
  readonly log: 'durable' | 'none';
  /** Orders a second. */
  readonly rate: number;
  /** Pieces in stock: orders beyond it are refused, and what was done for them is undone. */
  readonly stock: number;
  readonly duration: Micros;
}

/** Step and service, in order. */
const STEPS = [
  ['charge', 'payments'],
  ['redeem', 'vouchers'],
  ['reserve', 'stock'],
  ['ship', 'shipping'],
] as const;
const CLIENTS = 2;

/** Places `orders`, the four services 8 to 12 ms away, and two clients that stop three seconds before the end. */
export function orderSaga({ world, log, rate, stock, duration }: OrderSagaOptions): OrderSaga {
  world.links({ latency: uniform(ms(8), ms(12)) });
  const steps = STEPS.map(([name, service]) => {
    const actor = sagaParticipant({ role: service, ...(service === 'stock' ? { stock } : {}) });
    const at: NodeRef<SagaStepProtocol> = world.node(service, { actor, disk: { crashKeeps: 'nothing' } });
    return { name, at };
  });
  const orchestrator = world.node('orders', {
    actor: sagaOrchestrator({ steps, pivot: 'reserve', log }),
    disk: { crashKeeps: 'nothing' },
  });
  const actor = client<SagaProtocol>({
    target: orchestrator,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(3) }),
    operation(ctx, n) {
      const id = `${ctx.self.id}/${n}`;
      return { message: 'order', payload: { id }, key: id };
    },
    outcome: (reply) => ({ outcome: reply === 'completed' ? 'ok' : 'fail', output: reply }),
    deadline: s(2),
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { orchestrator, services: steps.map(({ at }) => at), clients };
}

export const SAGAS_WHOLE = 'sagas are done or undone, whole and once';

const effectsOf = (view: RunView, services: readonly NodeRef[]): SagaEffect[] =>
  services.flatMap((ref) => view.state<SagaParticipantState>(ref)?.effects ?? []).toSorted((a, b) => a.at - b.at);

/** Those that the orchestrator knows, and those that it has forgotten: if they are not done, nothing of them may be left. */
function sagasOf(view: RunView, { orchestrator, services }: OrderSaga): Saga[] {
  const steps = STEPS.map(([name]) => name);
  const known = view.state<SagaOrchestratorState>(orchestrator)?.sagas ?? new Map();
  const sagas = [...known].map(([id, { outcome }]): Saga => ({ id, steps, outcome }));
  const forgotten = new Map<string, number>();
  for (const { saga, kind } of effectsOf(view, services))
    if (!known.has(saga)) forgotten.set(saga, (forgotten.get(saga) ?? 0) + (kind === 'done' ? 1 : -1));
  for (const [id, standing] of forgotten)
    sagas.push({ id, steps, outcome: standing === steps.length ? 'completed' : 'compensated' });
  return sagas;
}

export const orderSagaChecks = (group: OrderSaga): readonly Check[] => [
  sagaCompletion({
    effects: (view) => effectsOf(view, group.services),
    sagas: (view) => sagasOf(view, group),
    name: SAGAS_WHOLE,
  }),
  sometimes(
    'an order is undone',
    (view) =>
      (view.state<SagaParticipantState>(group.services[0] as NodeRef)?.effects ?? []).some(
        ({ kind }) => kind === 'undone',
      ),
    { roles: ['payments'] },
  ),
  sometimes('an order is shipped', (view) => view.operations.some(({ outcome }) => outcome === 'ok'), {
    roles: ['client'],
  }),
];

/** The orchestrator loses power with orders under way, twice; and a service does in between. */
export const orderSagaFaults = ({ orchestrator, services: [payments] }: OrderSaga): Fault[] =>
  payments === undefined
    ? []
    : [
        crash({ node: orchestrator, at: s(1), for: ms(300) }),
        crash({ node: payments, at: ms(2_000), for: ms(600) }),
        crash({ node: orchestrator, at: ms(3_000), for: ms(300) }),
      ];

/**
 * Each comes back with its disk; one whose disk has failed to sync stays stopped until somebody restarts it. The check orders effects
 * by the clocks of the services, which are therefore left alone; and clients stop by theirs. Links queue without bound: what waits for a narrow one is late.
 */
const SPARED: readonly FaultFamily[] = ['disk', 'clock', 'bandwidth'];
const hit = COMES_BACK.filter((family) => !SPARED.includes(family));
const limits: NemesisLimits = {
  roles: Object.fromEntries(['orchestrator', ...STEPS.map(([, service]) => service)].map((role) => [role, hit])),
  families: hit,
  quietAfter: s(4),
};

export const orderSagaNemesis = {
  profiles: ALL_THAT_HEALS.filter((profile) => profile !== 'disks' && profile !== 'clocks'),
  limits,
};
