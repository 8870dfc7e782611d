/**
 * Actors: plain state plus synchronous handlers.
 *
 * A handler is one of two kinds. A *step* (`on`, `timers`, `start`) gets the state and changes it in place, as an immer recipe
 * does; it cannot wait. A *flow* (`flows`) is a generator: it reads `ctx.state`, waits with `yield*`, and changes the state
 * through `ctx.update`. A reference into the state kept across a wait is stale on the recorded path and therefore a bug.
 *
 * Either way the reply is the return value, and what is sent never aliases the state: copy it out first (`copyOf`).
 */
import { checkActor } from './actor-form.ts';
import type { Context } from './context.ts';
import type { DiskView } from './disk.ts';
import type { Op } from './op.ts';

/** A protocol: each message is a function from payload to reply, `interface Kv { get(p: { key: string }): Found; put(p: Pair): void }`. */
export type ProtocolOf<P> = { readonly [M in keyof P]: (payload: never) => unknown };
/** The payload of message `M`. */
export type Payload<P, M extends keyof P> = P[M] extends (payload: infer A) => unknown ? A : never;
/** The reply to message `M`; `void` for a one-way message. */
export type Reply<P, M extends keyof P> = P[M] extends (payload: never) => infer R ? R : never;
/** The names of a protocol's messages. */
export type MessageOf<P> = keyof P & string;

/** A reference to a node: its name and, for the compiler, the protocol it speaks. Plain data: safe in state and payloads. */
export interface NodeRef<P = unknown> {
  readonly id: string;
  readonly index: number;
  /** For the compiler only; never there. */
  readonly __protocol?: P;
}

/** A generator that waits on operations; what `yield*` of it gives is `T`. */
export type Flow<T = void> = Generator<Op<unknown>, T, unknown>;

/** What comes to an actor and what becomes of it, by the names of its counters. */
export interface Books<S> {
  readonly came: readonly string[];
  readonly left: readonly string[];
  /** What has come and has not left. */
  open(state: S): number;
}

/** An actor's behaviour. `S` is its state, `P` the protocol that it answers. */
export interface Actor<S, P> {
  /** What the actor is, in the field's word: `server`, `replica`, `client`. Coverage and reports group by it. */
  readonly role: string;
  /** The state at first boot. */
  init(ctx: Context<S>): S;
  /** The state after a crash: all that is left is the disk. Default: `init`. */
  recover?(disk: DiskView, ctx: Context<S>): S;
  /** Runs after `init` and after `recover`: timers are set here, so that a restart brings back what the crash swallowed. */
  start?(state: S, ctx: Context<S>): void;
  /** Steps: one per message. */
  readonly on?: {
    readonly [M in keyof P]?: (state: S, payload: Payload<P, M>, ctx: Context<S>) => Reply<P, M> | Op<Reply<P, M>>;
  };
  /** Flows: one per message that has no step. */
  readonly flows?: { readonly [M in keyof P]?: (payload: Payload<P, M>, ctx: Context<S>) => Flow<Reply<P, M>> };
  /** For proxies: takes every message that neither `on` nor `flows` names. */
  readonly forward?: (message: string, payload: unknown, ctx: Context<S>) => Flow<unknown>;
  /** Named timers; `data` is what `ctx.setTimer` was given. */
  readonly timers?: { readonly [name: string]: (state: S, ctx: Context<S>, data: unknown) => void };
  /**
   * Conservation: what the counters named in `came` add up to is what those in `left` add up to and what `open` counts in the state.
   * Asserted at the end of each run for every node that has never crashed.
   */
  readonly books?: Books<S>;
  /** What the node is doing now, for role bars and coverage: `leader`, `follower`. Default: `role`. */
  phase?(state: S): string;
}

/**
 * Checks and returns an actor: `defineActor<State, Protocol>({ … })`.
 * Throws ConfigError when it could never work (actor-form.ts).
 */
export function defineActor<S, P extends ProtocolOf<P>>(actor: Actor<S, P>): Actor<S, P> {
  checkActor(actor);
  return actor;
}
