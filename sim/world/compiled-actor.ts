/** An actor's handlers in arrays by message and timer number, so that dispatch does not look up names. */
import type { Actor, Flow } from './actor.ts';
import type { Context } from './context.ts';

export type Step = (state: unknown, payload: unknown, ctx: Context<unknown>) => unknown;
export type FlowHandler = (payload: unknown, ctx: Context<unknown>) => Flow<unknown>;
export type TimerStep = (state: unknown, ctx: Context<unknown>, data: unknown) => void;

/** Message names as numbers: one table per world. */
export class MessageNames {
  readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  of(name: string): number {
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
  readonly timerNames: string[];
  readonly timerSteps: TimerStep[];
  readonly timerNumbers: ReadonlyMap<string, number>;

  constructor(actor: Actor<never, never>, messages: MessageNames) {
    this.spec = actor as unknown as Actor<unknown, Record<string, never>>;
    const on = (actor.on ?? {}) as unknown as Record<string, Step>;
    const flows = (actor.flows ?? {}) as unknown as Record<string, FlowHandler>;
    for (const name of Object.keys(on)) this.steps[messages.of(name)] = on[name];
    for (const name of Object.keys(flows)) this.flows[messages.of(name)] = flows[name];
    const timers = (actor.timers ?? {}) as unknown as Record<string, TimerStep>;
    this.timerNames = Object.keys(timers);
    this.timerSteps = this.timerNames.map((name) => timers[name] as TimerStep);
    this.timerNumbers = new Map(this.timerNames.map((name, i) => [name, i]));
  }
}
