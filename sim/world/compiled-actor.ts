/** An actor's handlers in arrays by message and timer number, so that dispatch does not look up names. */
import type { Actor, Flow } from './actor.ts';
import { checkActor } from './actor-form.ts';
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

export class CompiledActor {
  readonly spec: Actor<unknown, Record<string, never>>;
  readonly steps: (Step | undefined)[] = [];
  readonly flows: (FlowHandler | undefined)[] = [];
  /** Few: to find one, looking at all of them is quicker than a table. */
  readonly timerNames: string[];
  readonly timerSteps: TimerStep[];

  /** Throws ConfigError when it is no actor, or when a step could never run to its end. */
  constructor(actor: Actor<never, never>, messages: MessageNames) {
    checkActor(actor);
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
