/** A small scenario of its own kind: one client counts through one server; faults can stop it. */
import {
  always,
  count,
  crash,
  defineActor,
  defineScenario,
  eventually,
  flag,
  holds,
  ms,
  s,
  sometimes,
  span,
  violates,
  CallError,
  type NodeRef,
  type Scenario,
} from '../../sim/index.ts';

interface Counting {
  add(p: { n: number }): { total: number };
}

const server = (limit: number) =>
  defineActor<{ total: number }, Counting>({
    role: 'server',
    init: () => ({ total: 0 }),
    on: {
      add(state, { n }) {
        state.total = Math.min(limit, state.total + n);
        return { total: state.total };
      },
    },
    phase: (state) => (state.total > 0 ? 'busy' : 'idle'),
  });

const client = (to: NodeRef<Counting>, gap: number) =>
  defineActor<{ sent: number }, object>({
    role: 'client',
    init: () => ({ sent: 0 }),
    start: (_state, ctx) => ctx.setTimer('next', gap),
    timers: {
      next(state, ctx) {
        state.sent++;
        ctx.setTimer('next', gap);
        ctx.spawn(
          (function* () {
            const id = ctx.invoked({ f: 'add', key: 'total', input: 1 });
            try {
              const { total } = yield* ctx.call(to, 'add', { n: 1 }, { deadline: ms(50) });
              ctx.completed(id, 'ok', total, to);
            } catch (error) {
              ctx.completed(
                id,
                error instanceof CallError && error.definite ? 'fail' : 'info',
                (error as CallError).code,
              );
            }
          })(),
        );
      },
    },
  });

export const toyScenario: Scenario = defineScenario({
  name: 'toy',
  question: 'Does the server count on after a crash?',
  params: { gap: span('10ms', 'time between two operations'), limit: count(1_000_000, { min: 1 }), faulty: flag(true) },
  duration: s(10),
  recovery: s(2),
  expect: ({ limit }) =>
    limit < 500 ? violates('the total stays below the limit', { also: ['the total reaches 100 again'] }) : holds(),
  build({ world, params }) {
    const target = world.ref<Counting>('server');
    world.node(target, { actor: server(params.limit) });
    world.node('client', { actor: client(target, params.gap) });
    return { target };
  },
  faults: ({ target, params }) => (params.faulty ? [crash({ node: target, at: s(3), for: s(1) })] : []),
  checks: ({ target, params }) => [
    always(
      'the total stays below the limit',
      (view) => {
        const total = view.state<{ total: number }>(target)?.total ?? 0;
        return total < params.limit || { sentence: `the total is ${total}`, nodes: [target.id] };
      },
      { roles: ['server'] },
    ),
    sometimes('an operation is counted', (view) => (view.state<{ total: number }>(target)?.total ?? 0) > 0),
    eventually('the total reaches 100 again', (view) => (view.state<{ total: number }>(target)?.total ?? 0) >= 100, {
      within: s(3),
    }),
  ],
});
