/** An actor's handlers in arrays by message and timer number, so that dispatch does not look up names. */
import { ConfigError } from '../base/errors.ts';
import { refuseUnknownFields } from '../base/known-fields.ts';
import type { Actor, Flow } from './actor.ts';
import type { Context } from './context.ts';

export type Step = (state: unknown, payload: unknown, ctx: Context<unknown>) => unknown;
export type FlowHandler = (payload: unknown, ctx: Context<unknown>) => Flow<unknown>;
export type TimerStep = (state: unknown, ctx: Context<unknown>, data: unknown) => void;

/** Message names as numbers: one table per world. */
export class MessageNames {
  readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();
  private lastName = '';
  private lastNumber = -1;

  of(name: string): number {
    // One message often follows another of its kind.
    if (name === this.lastName) return this.lastNumber;
    this.lastName = name;
    return (this.lastNumber = this.numberOf(name));
  }

  private numberOf(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.names.length;
      this.names.push(name);
      this.numbers.set(name, number);
    }
    return number;
  }
}

const ACTOR_FIELDS = ['role', 'init', 'recover', 'start', 'on', 'flows', 'forward', 'timers', 'phase'];

/** A generator or async function in a step's place would be made and never run; one that is a flow must be a generator. */
function checkForm(actor: Actor<never, never>): void {
  if (
    typeof actor !== 'object' ||
    actor === null ||
    typeof actor.role !== 'string' ||
    typeof actor.init !== 'function'
  ) {
    throw new ConfigError('actor', actor, 'an actor: at least a role and init, best made with defineActor');
  }
  const where = `actor ${actor.role}`;
  refuseUnknownFields(actor, ACTOR_FIELDS, where);
  const steps = {
    init: actor.init,
    recover: actor.recover,
    start: actor.start,
    ...((actor.on ?? {}) as object),
    ...actor.timers,
  };
  for (const [name, step] of Object.entries(steps)) {
    if (step === undefined) continue;
    const kind = typeof step === 'function' ? step.constructor.name : typeof step;
    if (kind !== 'Function') {
      throw new ConfigError(
        `${where}: ${name}`,
        kind,
        'a plain function: what waits is a flow, in `flows` or started with ctx.spawn',
      );
    }
  }
  for (const [name, flow] of Object.entries((actor.flows ?? {}) as Readonly<Record<string, unknown>>)) {
    const kind = typeof flow === 'function' ? flow.constructor.name : typeof flow;
    if (kind !== 'GeneratorFunction' && kind !== 'Function')
      throw new ConfigError(`${where}: flow ${name}`, kind, 'a generator function');
  }
}

export class CompiledActor {
  readonly spec: Actor<unknown, Record<string, never>>;
  readonly steps: (Step | undefined)[] = [];
  readonly flows: (FlowHandler | undefined)[] = [];
  /** Few: to find one, looking at all of them is quicker than a table. */
  readonly timerNames: string[];
  readonly timerSteps: TimerStep[];

  /** Throws ConfigError when it is no actor, or when a step could never run to its end. */
  constructor(actor: Actor<never, never>, messages: MessageNames) {
    checkForm(actor);
    this.spec = actor as unknown as Actor<unknown, Record<string, never>>;
    const on = (actor.on ?? {}) as unknown as Record<string, Step>;
    const flows = (actor.flows ?? {}) as unknown as Record<string, FlowHandler>;
    for (const name of Object.keys(on)) this.steps[messages.of(name)] = on[name];
    for (const name of Object.keys(flows)) this.flows[messages.of(name)] = flows[name];
    const timers = (actor.timers ?? {}) as unknown as Record<string, TimerStep>;
    this.timerNames = Object.keys(timers);
    this.timerSteps = this.timerNames.map((name) => timers[name] as TimerStep);
  }
}
