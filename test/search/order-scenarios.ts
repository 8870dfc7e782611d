/** Small scenarios in which the order of arrivals decides: for tests of exploration. */
import {
  always,
  constant,
  defineActor,
  defineScenario,
  flag,
  holds,
  ms,
  s,
  violates,
  type Check,
  type Flow,
  type NodeRef,
  type Scenario,
} from '../../sim/index.ts';

interface Sink {
  put(n: number): void;
}

const sink = () =>
  defineActor<number[], Sink>({ role: 'sink', init: () => [], on: { put: (state, n) => void state.push(n) } });

/** Each of `senders` sends `count` messages at once: to one sink, or each to one of its own. */
export const sending = (options: {
  senders: number;
  count: number;
  sinks: 'one' | 'each';
  transport: 'stream' | 'datagram';
}): Scenario =>
  defineScenario({
    name: 'sending',
    question: 'In how many orders can messages arrive?',
    duration: s(1),
    recovery: false,
    expect: holds(),
    build({ world }) {
      world.links({ transport: options.transport, latency: constant(ms(1)) });
      const sinks = Array.from({ length: options.sinks === 'one' ? 1 : options.senders }, (_, i) =>
        world.node<number[], Sink>(`sink${i}`, { actor: sink() }),
      );
      for (let sender = 0; sender < options.senders; sender++) {
        const to = sinks[sender % sinks.length] as NodeRef<Sink>;
        const actor = defineActor<object, object>({
          role: 'sender',
          init: () => ({}),
          start(_state, ctx) {
            for (let i = 0; i < options.count; i++) ctx.send(to, 'put', sender * 10 + i);
          },
        });
        world.node(`sender${sender}`, { actor });
      }
      return { sinks };
    },
    checks: ({ sinks }) =>
      options.transport === 'datagram'
        ? []
        : [
            always('a stream keeps its order', (view) =>
              sinks.every((ref) => {
                const got = view.state<number[]>(ref) ?? [];
                return got.every(
                  (n, i) => !got.slice(0, i).some((m) => m > n && Math.floor(m / 10) === Math.floor(n / 10)),
                );
              }),
            ),
          ],
  });

/** One message and one timer, due after 2 ms, reach the same node; the sender sends at the start. */
export const racing: Scenario = defineScenario({
  name: 'racing',
  question: 'Which comes first, the message or the timer?',
  duration: s(1),
  recovery: false,
  expect: holds(),
  build({ world }) {
    world.links({ latency: constant(ms(1)) });
    const to = world.node<string[], Sink>('sink', {
      actor: defineActor<string[], Sink>({
        role: 'sink',
        init: () => [],
        start: (_state, ctx) => ctx.setTimer('timer', ms(2)),
        on: { put: (state, _n, ctx) => void state.push(`message at ${ctx.clock.monotonic}`) },
        timers: { timer: (state, ctx) => void state.push(`timer at ${ctx.clock.monotonic}`) },
      }),
    });
    const actor = defineActor<object, object>({
      role: 'sender',
      init: () => ({}),
      start: (_state, ctx) => ctx.send(to, 'put', 1),
    });
    world.node('sender', { actor });
  },
  checks: () => [],
});

/** Nodes whose timers are due at these instants, ms; each node's own list. */
export const ticking = (nodes: readonly (readonly number[])[]): Scenario =>
  defineScenario({
    name: 'ticking',
    question: 'In how many orders can timers fire?',
    duration: s(1),
    recovery: false,
    expect: holds(),
    build({ world }) {
      world.links({ latency: constant(ms(1)) });
      nodes.forEach((dues, n) => {
        const actor = defineActor<number[], object>({
          role: 'clock',
          init: () => [],
          start: (_state, ctx) => dues.forEach((due, i) => ctx.setTimer(`t${i}`, ms(due))),
          timers: Object.fromEntries(dues.map((_, i) => [`t${i}`, (state: number[]) => void state.push(i)])),
        });
        world.node(`n${n}`, { actor });
      });
    },
    checks: () => [],
  });

interface Cell {
  get(p: object): { value: number; version: number };
  put(p: { value: number; version: number }): { accepted: boolean };
}

const NO_UPDATE_LOST = 'no update is lost';

/** Two clients each read a counter, add one, and write it back: with or without compare-and-set. */
export const lostUpdate: Scenario = defineScenario({
  name: 'lost-update',
  question: 'Do two read-modify-writes lose an update?',
  params: { cas: flag(false, 'a write is accepted only when nobody else has written since') },
  duration: s(1),
  recovery: false,
  expect: ({ cas }) => (cas ? holds() : violates(NO_UPDATE_LOST)),
  build({ world, params }) {
    world.links({ latency: constant(ms(1)) });
    const server = world.node<{ value: number; version: number; added: number }, Cell>('server', {
      actor: defineActor<{ value: number; version: number; added: number }, Cell>({
        role: 'server',
        init: () => ({ value: 0, version: 0, added: 0 }),
        on: {
          get: ({ value, version }) => ({ value, version }),
          put(state, { value, version }) {
            if (params.cas && version !== state.version) return { accepted: false };
            state.value = value;
            state.version++;
            state.added++;
            return { accepted: true };
          },
        },
      }),
    });
    const client = defineActor<object, object>({
      role: 'client',
      init: () => ({}),
      start: (_state, ctx) =>
        ctx.spawn(
          (function* (): Flow {
            for (;;) {
              const { value, version } = yield* ctx.call(server, 'get', {});
              const { accepted } = yield* ctx.call(server, 'put', { value: value + 1, version });
              if (accepted) return;
            }
          })(),
        ),
    });
    world.node('c1', { actor: client });
    world.node('c2', { actor: client });
    return { server };
  },
  checks: ({ server }) => [
    always(NO_UPDATE_LOST, (view) => {
      const { value, added } = view.state<{ value: number; added: number }>(server) ?? { value: 0, added: 0 };
      return value === added || `${added} updates were acknowledged, the value is ${value}`;
    }),
  ],
});

interface Marked {
  mark(p: { by: string }): object;
}

/** Two clients mark a log twice each, one mark after the other: going wrong when the marks alternate, a bug of depth 3. */
export const alternation: Scenario = defineScenario({
  name: 'alternation',
  question: 'Do the marks of two clients alternate?',
  duration: s(1),
  recovery: false,
  expect: violates('marks do not alternate'),
  build({ world }) {
    world.links({ latency: constant(ms(1)) });
    const log = world.node<string[], Marked>('log', {
      actor: defineActor<string[], Marked>({
        role: 'log',
        init: () => [],
        on: {
          mark(state, { by }) {
            state.push(by);
            return {};
          },
        },
      }),
    });
    for (const by of ['a', 'b']) {
      const actor = defineActor<object, object>({
        role: 'client',
        init: () => ({}),
        start: (_state, ctx) =>
          ctx.spawn(
            (function* (): Flow {
              for (let i = 0; i < 2; i++) yield* ctx.call(log, 'mark', { by });
            })(),
          ),
      });
      world.node(by, { actor });
    }
    return { log };
  },
  checks: ({ log }) => [
    always('marks do not alternate', (view) => (view.state<string[]>(log) ?? []).join('') !== 'abab'),
  ],
});

interface Stored {
  readonly version: number;
  readonly value: string;
}

interface Replica {
  read(p: object): Stored;
  write(p: Stored): object;
}

const NO_INVERSION = 'no read goes back';

/** A read that begins after another has returned the new value returns it too. */
const noInversion: Check = {
  name: NO_INVERSION,
  kind: 'history',
  promise: 'a read that begins after another has returned the new value returns it too',
  begin: (view) => ({
    finish() {
      const base = { check: NO_INVERSION, kind: 'history' } as const;
      const reads = view.operations.filter(({ f, outcome }) => f === 'read' && outcome === 'ok');
      for (const before of reads) {
        const after = reads.find(
          ({ invoked, output }) => invoked > before.completed && output === 'old' && before.output === 'new',
        );
        if (after === undefined) continue;
        const sentence = `${after.client} read "old" after ${before.client} had read "new"`;
        const witness = { sentence, at: after.completedAt, operations: [before.id, after.id] };
        return { ...base, status: 'violated', message: sentence, witness };
      }
      return { ...base, status: 'held', message: `${reads.length} reads` };
    },
  }),
};

const replica = defineActor<{ stored: Stored }, Replica>({
  role: 'replica',
  init: () => ({ stored: { version: 0, value: 'old' } }),
  on: {
    read: (state) => ({ ...state.stored }),
    write(state, given) {
      if (given.version > state.stored.version) state.stored = { ...given };
      return {};
    },
  },
});

/**
 * A register over three replicas, majorities of two (Attiya, Bar-Noy, Dolev, 1995): one writer and two readers, the second of which
 * begins when the first has its answer. Without the write-back of reads, the second can read the old value after the new one.
 */
export const quorumRegister: Scenario = defineScenario({
  name: 'quorum-register',
  question: 'Can a read return the old value after another read has returned the new one?',
  params: { writeBack: flag(false, 'a reader writes what it is about to return to a majority first') },
  duration: s(1),
  recovery: false,
  expect: ({ writeBack }) => (writeBack ? holds() : violates(NO_INVERSION)),
  build({ world, params }) {
    world.links({ latency: constant(ms(1)) });
    const replicas = world.refs<Replica>('r', 3);
    for (const ref of replicas) world.node(ref, { actor: replica });
    world.node('writer', {
      actor: defineActor<object, object>({
        role: 'writer',
        init: () => ({}),
        start: (_state, ctx) =>
          ctx.spawn(
            (function* (): Flow {
              const id = ctx.invoked({ f: 'write', input: 'new' });
              const given = { version: 1, value: 'new' };
              yield* ctx.quorum(
                2,
                replicas.map((to) => ctx.call(to, 'write', given)),
              );
              ctx.completed(id, 'ok');
            })(),
          ),
      }),
    });
    const second = world.ref<{ go(p: object): void }>('reader2');
    const [r1, r2, r3] = replicas as [NodeRef<Replica>, NodeRef<Replica>, NodeRef<Replica>];
    const reader = (from: readonly NodeRef<Replica>[], first: boolean) =>
      defineActor<object, { go(p: object): void }>({
        role: 'reader',
        init: () => ({}),
        start: (_state, ctx) => (first ? ctx.send(ctx.self as NodeRef<{ go(p: object): void }>, 'go', {}) : undefined),
        flows: {
          *go(_payload, ctx) {
            const id = ctx.invoked({ f: 'read' });
            const answers = yield* ctx.all(from.map((to) => ctx.call(to, 'read', {})));
            const newest = answers.reduce((x, y) => (y.version > x.version ? y : x));
            if (params.writeBack) yield* ctx.all(from.map((to) => ctx.call(to, 'write', newest)));
            ctx.completed(id, 'ok', newest.value);
            if (first) ctx.send(second, 'go', {});
          },
        },
      });
    world.node('reader1', { actor: reader([r1, r2], true) });
    world.node(second, { actor: reader([r2, r3], false) });
  },
  checks: () => [noInversion],
});
