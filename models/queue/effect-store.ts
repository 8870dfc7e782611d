/**
 * A database that consumers write their effects to: the place where it shows whether a message has been dealt with twice.
 *
 * With `once` it knows the ids of all messages whose effects it has, under a unique constraint, in the same transaction as the effect: of
 * several consumers that do the same message one has its effect, and the others are told whose it was. That makes them idempotent
 * together, across crashes and slow consumers; what each keeps to itself cannot. Without `once` every request is an effect.
 */
import { defineActor, reject, type Actor, type Context, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';

export interface Effect {
  /** The message's id. */
  readonly id: string;
  /** Names the attempt to deal with the message; the same when a request is tried again. */
  readonly by: string;
  /** Nothing happens if the message has had its effect. */
  readonly once: boolean;
}

export interface EffectStoreProtocol {
  /** Durable when it answers. `by`: who was the first. Tried again it is answered in the same way. */
  apply(effect: Effect): { readonly by: string };
}

export interface EffectStoreState {
  /** By message: the first who had an effect with it. */
  first: Record<string, string>;
  effects: number;
  /** Messages whose effects have happened again. */
  again: string[];
  /** Its disk has failed to sync: it accepts nothing until it is restarted. */
  broken: boolean;
}

const EFFECTS = 'effects';

export function effectStore(): Actor<EffectStoreState, EffectStoreProtocol> {
  return defineActor<EffectStoreState, EffectStoreProtocol>({
    role: 'store',
    init: emptyStore,
    recover(disk, ctx) {
      const state = emptyStore();
      const effects = disk.log<Effect>(EFFECTS);
      ctx.disk.truncate(EFFECTS, effects.length);
      for (const effect of effects) note(state, effect);
      return state;
    },
    flows: { apply },
    phase: (state) => (state.broken ? 'broken' : 'store'),
  });
}

const emptyStore = (): EffectStoreState => ({ first: {}, effects: 0, again: [], broken: false });

function note(state: EffectStoreState, { id, by }: Effect): void {
  state.effects++;
  if (state.first[id] === undefined) state.first[id] = by;
  else state.again.push(id);
}

function* apply(effect: Effect, ctx: Context<EffectStoreState>): Flow<{ readonly by: string }> {
  const by = ctx.update((state) => {
    if (state.broken) throw reject('disk-failed');
    const known = state.first[effect.id];
    if (known !== undefined && effect.once) return known;
    ctx.disk.append(EFFECTS, effect);
    note(state, effect);
    return effect.by;
  });
  // Also when it was known: what it is known from may not be on disk yet.
  yield* syncOrStop(ctx, (state) => void (state.broken = true));
  return { by };
}
