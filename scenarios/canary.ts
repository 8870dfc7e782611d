import {
  count,
  defineActor,
  defineScenario,
  linearizable,
  noAcknowledgedWriteLost,
  register,
  s,
  sometimes,
  violates,
  type NodeRef,
} from '../sim/index.ts';
import { kvClient, type KvStore } from '../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './worlds/claims.ts';

/**
 * The canary: a store that acknowledges every write and now and then forgets one. Nothing is wrong around it, no node crashes, no
 * message is lost. If this run is ever found to hold, it is the checks that are broken, and no other result means anything.
 */
interface ForgetfulState {
  value: string | number | null;
  kept: (string | number)[];
  writes: number;
}

interface ForgetfulProtocol {
  read(request: Record<never, never>): string | number | null;
  write(request: { readonly value: string | number }): void;
}

const forgetful = (forgetsEvery: number) =>
  defineActor<ForgetfulState, ForgetfulProtocol>({
    role: 'store',
    init: () => ({ value: null, kept: [], writes: 0 }),
    on: {
      read: (state) => state.value,
      write(state, { value }) {
        state.writes++;
        if (state.writes % forgetsEvery === 0) return;
        state.value = value;
        state.kept.push(value);
      },
    },
  });

const storeAt = (node: NodeRef<ForgetfulProtocol>): KvStore => ({
  *read(_key, _operation, ctx) {
    return { value: yield* ctx.call(node, 'read', {}) };
  },
  *update(change, _operation, ctx) {
    if (change.f === 'write') yield* ctx.call(node, 'write', { value: change.value });
    return {};
  },
});

export default defineScenario({
  name: 'canary',
  question: 'Do the checks catch a store that forgets acknowledged writes?',
  params: { forgetsEvery: count(20, { min: 2, max: 1_000, doc: 'it forgets every n-th write' }) },
  duration: s(5),
  build({ world, params }) {
    const store = world.node('store', { actor: forgetful(params.forgetsEvery) });
    const actor = kvClient({ store: storeAt(store), until: s(4) });
    for (const client of world.refs<Record<never, never>>('c', 3)) world.node(client, { actor });
    return { store };
  },
  checks: ({ store, params }) => [
    noAcknowledgedWriteLost({ survivors: (view) => view.state<ForgetfulState>(store)?.kept }),
    linearizable(register()),
    sometimes(
      'a write is forgotten',
      (view) => (view.state<ForgetfulState>(store)?.writes ?? 0) >= params.forgetsEvery,
      { roles: ['store'] },
    ),
  ],
  expect: violates(['no acknowledged write is lost', 'linearizable register']),
  nemesis: { profiles: ALL_THAT_HEALS, limits: { roles: { store: COMES_BACK } } },
});
