/**
 * An orchestrated saga (Garcia-Molina and Salem, "Sagas", SIGMOD 1987): a long transaction made of steps at several services, without locks
 * between them. It promises that a saga ends with all its steps done once, or with every step that was done undone once, last first;
 * not that nobody sees it half done.
 *
 * Steps before the *pivot* can be compensated: when one is refused, or does not answer for too long, those before it are undone. The
 * pivot decides; it and what comes after it is tried until it succeeds (a pivot may still be refused, what follows may not).
 *
 * The orchestrator keeps a log, and waits for the disk three times: a saga has begun before its first step is asked for, a step is known to
 * be done before the next one is asked for, and the client is told of the end when that is written. Else a crash would make it forget sagas; or
 * begin again at a step before those that are done, give up there, and leave the later ones standing; or end otherwise than it has
 * said. That it has turned back need not be waited for: the step where it did is cancelled first, and will be refused when it is asked for
 * again. `log: 'none'` keeps nothing: a crash leaves sagas half done, and nobody knows of them.
 */
import {
  ConfigError,
  defineActor,
  ms,
  oneOf,
  parseDuration,
  reject,
  type Actor,
  type Context,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import { attempt } from './attempt.ts';
import type { SagaStepProtocol } from './saga-participant.ts';

export interface SagaStep {
  readonly name: string;
  readonly at: NodeRef<SagaStepProtocol>;
}

export type SagaOutcome = 'completed' | 'compensated';

export interface SagaProtocol {
  /** Answered when the saga has ended. The id is the client's: asked again, it is the same saga. */
  order(request: { readonly id: string }): SagaOutcome;
}

export interface SagaProgress {
  /** Steps that are known to be done; while compensating, those that may still have to be undone. */
  done: number;
  way: 'forward' | 'back';
  outcome: SagaOutcome | 'running';
}

export interface SagaOrchestratorState {
  sagas: Map<string, SagaProgress>;
  /** Its disk has failed to sync: it begins and ends nothing until it is restarted. */
  broken: boolean;
}

export interface SagaOrchestratorOptions {
  /** In the order in which they are done; at least one. */
  readonly steps: readonly SagaStep[];
  /** The name of the step that decides. Default: the last one. */
  readonly pivot?: string;
  /** Default `durable`. */
  readonly log?: 'durable' | 'none';
  /** How long one attempt at a step may take. Default 100 ms. */
  readonly deadline?: Duration;
  /** Attempts at a step that can be compensated, before the saga turns back; at least 1. Default 3. */
  readonly attempts?: number;
}

interface Settings {
  readonly steps: readonly SagaStep[];
  /** Index of the pivot. */
  readonly pivot: number;
  readonly durable: boolean;
  readonly deadline: Micros;
  readonly attempts: number;
}

type OrchestratorContext = Context<SagaOrchestratorState>;
type SagaRecord =
  | { readonly event: 'begun' | SagaOutcome; readonly id: string }
  | { readonly event: 'step' | 'turned'; readonly id: string; readonly done: number };

const LOG = 'sagas';
const PAUSE = ms(50);
const endOf = (id: string): string => `end of ${id}`;

/** Throws ConfigError. */
export function sagaOrchestrator(options: SagaOrchestratorOptions): Actor<SagaOrchestratorState, SagaProtocol> {
  const settings = settingsOf(options);
  return defineActor<SagaOrchestratorState, SagaProtocol>({
    role: 'orchestrator',
    init: () => ({ sagas: new Map(), broken: false }),
    recover(disk, ctx) {
      const log = disk.log<SagaRecord>(LOG);
      ctx.disk.truncate(LOG, log.length);
      const state: SagaOrchestratorState = { sagas: new Map(), broken: false };
      for (const record of log) replay(state, record);
      return state;
    },
    start(state, ctx) {
      for (const [id, { outcome }] of state.sagas) if (outcome === 'running') ctx.spawn(drive(id, settings, ctx));
    },
    flows: { order: ({ id }, ctx) => order(id, settings, ctx) },
    phase: ({ broken }) => (broken ? 'broken' : 'orchestrator'),
  });
}

function settingsOf(options: SagaOrchestratorOptions): Settings {
  const { steps, attempts = 3, log = 'durable' } = options;
  const names = steps.map(({ name }) => name);
  if (steps.length === 0 || new Set(names).size < names.length)
    throw new ConfigError('sagaOrchestrator.steps', names, 'at least one step, each with a name of its own');
  const pivot = options.pivot === undefined ? steps.length - 1 : names.indexOf(options.pivot);
  if (pivot < 0) throw new ConfigError('sagaOrchestrator.pivot', options.pivot, `a step: ${names.join(', ')}`);
  if (!(Number.isInteger(attempts) && attempts >= 1))
    throw new ConfigError('sagaOrchestrator.attempts', attempts, 'a whole number of at least 1');
  const deadline = parseDuration(options.deadline ?? '100ms', 'sagaOrchestrator.deadline');
  return {
    steps,
    pivot,
    durable: oneOf(log, ['durable', 'none'], 'sagaOrchestrator.log') === 'durable',
    deadline,
    attempts,
  };
}

function replay({ sagas }: SagaOrchestratorState, record: SagaRecord): void {
  if (record.event === 'begun') sagas.set(record.id, { done: 0, way: 'forward', outcome: 'running' });
  const saga = sagas.get(record.id);
  if (saga === undefined) return;
  if (record.event === 'step' || record.event === 'turned') {
    saga.done = record.done;
    if (record.event === 'turned') saga.way = 'back';
  } else if (record.event !== 'begun') saga.outcome = record.event;
}

/** Changes what is known of a saga, and writes it, once the disk has room; `forced`: and waits until that is on disk. */
function* keep(record: SagaRecord, forced: boolean, { durable }: Settings, ctx: OrchestratorContext): Flow {
  if (durable) {
    while (!unlessDiskFull(() => ctx.disk.append(LOG, record))) yield* ctx.sleep(PAUSE);
    if (forced) yield* syncOrStop(ctx, (state) => void (state.broken = true));
  }
  ctx.update((state) => replay(state, record));
}

function* order(id: string, settings: Settings, ctx: OrchestratorContext): Flow<SagaOutcome> {
  if (ctx.state.broken) throw reject('disk-failed');
  if (!ctx.state.sagas.has(id)) {
    // It is known from here on, so that a request that the network has doubled begins nothing.
    ctx.update(({ sagas }) => void sagas.set(id, { done: 0, way: 'forward', outcome: 'running' }));
    yield* keep({ event: 'begun', id }, true, settings, ctx);
    ctx.spawn(drive(id, settings, ctx));
  }
  for (;;) {
    const outcome = ctx.state.sagas.get(id)?.outcome ?? 'running';
    if (outcome !== 'running') return outcome;
    yield* ctx.wait(endOf(id));
  }
}

/** Brings a saga to its end, from wherever it is. */
function* drive(id: string, settings: Settings, ctx: OrchestratorContext): Flow {
  const { steps } = settings;
  const at = (): SagaProgress => ctx.state.sagas.get(id) as SagaProgress;
  while (at().way === 'forward' && at().done < steps.length) {
    const { done } = at();
    if (yield* performed(id, done, settings, ctx))
      yield* keep({ event: 'step', id, done: done + 1 }, true, settings, ctx);
    else {
      ctx.note(`${id} turns back at ${steps[done]?.name}`);
      // The step that failed may have been done all the same.
      yield* keep({ event: 'turned', id, done: done + 1 }, false, settings, ctx);
    }
  }
  const outcome = at().way === 'forward' ? 'completed' : 'compensated';
  if (outcome === 'compensated') yield* undoAll(id, settings, ctx);
  yield* keep({ event: outcome, id }, true, settings, ctx);
  ctx.signal(endOf(id));
}

/** Whether the step is done. Gives up, if it may, after some attempts. */
function* performed(id: string, index: number, settings: Settings, ctx: OrchestratorContext): Flow<boolean> {
  const { steps, pivot, attempts, deadline } = settings;
  const { name, at } = steps[index] as SagaStep;
  for (let n = 1; ; n++) {
    const answer = yield* attempt(ctx.call(at, 'perform', { saga: id, step: name }, { deadline }));
    if (answer === 'done') return true;
    if (answer === 'refused' && index <= pivot) return false;
    if (index < pivot && n >= attempts) return false;
    yield* ctx.sleep(PAUSE);
  }
}

/** Undoes what may have been done, last first, each until it is acknowledged. */
function* undoAll(id: string, settings: Settings, ctx: OrchestratorContext): Flow {
  const { steps, deadline } = settings;
  for (let index = (ctx.state.sagas.get(id)?.done ?? 0) - 1; index >= 0; index--) {
    const { name, at } = steps[index] as SagaStep;
    while ((yield* attempt(ctx.call(at, 'compensate', { saga: id, step: name }, { deadline }))) === undefined)
      yield* ctx.sleep(PAUSE);
    yield* keep({ event: 'step', id, done: index }, false, settings, ctx);
  }
}
