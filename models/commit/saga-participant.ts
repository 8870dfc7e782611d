/**
 * A service that takes part in sagas: it does steps and undoes them, each at once and for good as far as the service is concerned.
 *
 * An orchestrator that gets no answer asks again, so both are idempotent, by saga and step, across crashes: what was done or undone is on disk,
 * with its effect, before it is told. A step may also be undone before it was done, since the request to do it may still be on its way:
 * it is then *cancelled*, and refused when it comes. Each step takes one piece of a stock; when there is none it is refused.
 */
import { ConfigError, defineActor, reject, type Actor, type Context, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';

export interface SagaStepProtocol {
  /** `refused`: it has not been done, and will not be. */
  perform(request: { readonly saga: string; readonly step: string }): 'done' | 'refused';
  /** Whatever it did before, it is not done now and will not be. */
  compensate(request: { readonly saga: string; readonly step: string }): 'undone';
}

export type StepFate = 'done' | 'undone' | 'refused' | 'cancelled';

export interface SagaParticipantState {
  stock: number;
  /** By saga and step. */
  fates: Map<string, StepFate>;
  /** What was done and undone, in order; `at` on its monotonic clock. */
  effects: { readonly saga: string; readonly step: string; readonly kind: 'done' | 'undone'; readonly at: number }[];
  /** Its disk has failed to sync: it answers nothing until it is restarted. */
  broken: boolean;
}

export interface SagaParticipantOptions {
  /** Pieces at the beginning, at least 0. Default: no end of them. */
  readonly stock?: number;
  /** Default `service`. */
  readonly role?: string;
}

interface StepRecord {
  readonly saga: string;
  readonly step: string;
  readonly fate: StepFate;
  readonly at: number;
}

const LOG = 'steps';
type ParticipantContext = Context<SagaParticipantState>;

/** Throws ConfigError. */
export function sagaParticipant(options: SagaParticipantOptions = {}): Actor<SagaParticipantState, SagaStepProtocol> {
  const { stock = Infinity, role = 'service' } = options;
  if (!(stock >= 0)) throw new ConfigError('sagaParticipant.stock', stock, 'a number of at least 0');
  const empty = (): SagaParticipantState => ({ stock, fates: new Map(), effects: [], broken: false });
  return defineActor<SagaParticipantState, SagaStepProtocol>({
    role,
    init: empty,
    recover(disk, ctx) {
      const state = empty();
      const log = disk.log<StepRecord>(LOG);
      ctx.disk.truncate(LOG, log.length);
      for (const record of log) take(state, record);
      return state;
    },
    flows: {
      *perform({ saga, step }, ctx): Flow<'done' | 'refused'> {
        const fate = ctx.update((state) => {
          const known = fateOf(state, saga, step);
          if (known !== undefined) return known;
          return settle(state, saga, step, state.stock > 0 ? 'done' : 'refused', ctx);
        });
        yield* syncOrStop(ctx, stop);
        return fate === 'done' ? 'done' : 'refused';
      },
      *compensate({ saga, step }, ctx): Flow<'undone'> {
        ctx.update((state) => {
          const known = fateOf(state, saga, step);
          if (known === 'done') settle(state, saga, step, 'undone', ctx);
          else if (known === undefined) settle(state, saga, step, 'cancelled', ctx);
        });
        yield* syncOrStop(ctx, stop);
        return 'undone';
      },
    },
    phase: ({ broken }) => (broken ? 'broken' : role),
  });
}

const stop = (state: SagaParticipantState): void => {
  state.broken = true;
};

const keyOf = (saga: string, step: string): string => `${saga} ${step}`;

function fateOf(state: SagaParticipantState, saga: string, step: string): StepFate | undefined {
  if (state.broken) throw reject('disk-failed', 'its disk has failed', undefined, false);
  return state.fates.get(keyOf(saga, step));
}

function settle(
  state: SagaParticipantState,
  saga: string,
  step: string,
  fate: StepFate,
  ctx: ParticipantContext,
): StepFate {
  const record: StepRecord = { saga, step, fate, at: ctx.clock.monotonic };
  ctx.disk.append(LOG, record);
  take(state, record);
  return fate;
}

function take(state: SagaParticipantState, { saga, step, fate, at }: StepRecord): void {
  state.fates.set(keyOf(saga, step), fate);
  if (fate !== 'done' && fate !== 'undone') return;
  state.stock += fate === 'done' ? -1 : 1;
  state.effects.push({ saga, step, kind: fate, at });
}
