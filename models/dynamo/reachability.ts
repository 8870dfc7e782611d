/**
 * Whom a node can reach, as far as it knows (Dynamo, section 4.8.3): its own opinion, from its own calls, told to nobody. A
 * node that does not answer in time is done without for a while and then tried again. Clients keep all nodes talking to each
 * other, so no other failure detector is needed.
 */
import { CallError, type Flow, type MessageOf, type Payload, type Reply } from '../../sim/index.ts';
import type { DynamoProtocol } from './dynamo-protocol.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import { listFor, nodeNamed, type DynamoContext, type DynamoState } from './dynamo-state.ts';

export const isReachable = (node: string, { suspected }: DynamoState, now: number): boolean =>
  (suspected[node] ?? 0) <= now;

/** Calls another node, and learns from the outcome whether it can be reached. Fails with CallError. */
export function* callPeer<M extends MessageOf<DynamoProtocol>>(
  node: string,
  message: M,
  payload: Payload<DynamoProtocol, M>,
  settings: DynamoSettings,
  ctx: DynamoContext,
  deadline = settings.attempt,
): Flow<Reply<DynamoProtocol, M>> {
  try {
    const reply = yield* ctx.call(nodeNamed(node, settings), message, payload, { deadline });
    if (ctx.state.suspected[node] !== undefined) ctx.update((state) => void delete state.suspected[node]);
    return reply;
  } catch (error) {
    // Also a node that answers "not now" is of no use just now; a refusal of this one request says nothing of the node.
    if (error instanceof CallError && !REFUSALS.includes(error.code)) suspect(node, settings, ctx);
    throw error;
  }
}

/** Codes with which a node that works refuses one request; another node would not do better. */
export const REFUSALS: readonly string[] = ['version-conflict', 'no-quorum'];

function suspect(node: string, { suspectFor }: DynamoSettings, ctx: DynamoContext): void {
  const until = ctx.clock.monotonic + suspectFor;
  ctx.update((state) => void (state.suspected[node] = until));
}

/** A node that is to hold a copy: an owner, or one that stands in for it. */
export interface Target {
  readonly node: string;
  readonly hintFor?: string;
}

export interface Targets {
  readonly targets: readonly Target[];
  /** Who could stand in for one more, in the order of preference. */
  readonly spare: readonly string[];
}

/** The first N nodes of the key's preference list that can be reached; for a strict quorum, the owners. */
export function targetsFor(key: string, settings: DynamoSettings, ctx: DynamoContext): Targets {
  const { state } = ctx;
  const now = ctx.clock.monotonic;
  const list = listFor(key, state, settings);
  const owners = list.slice(0, settings.replicas);
  if (!settings.sloppy) return { targets: owners.map((node) => ({ node })), spare: [] };
  const spare = list.slice(settings.replicas).filter((node) => isReachable(node, state, now));
  const targets = owners.map((owner): Target => {
    const standIn = owner === ctx.self.id || isReachable(owner, state, now) ? undefined : spare.shift();
    return standIn === undefined ? { node: owner } : { node: standIn, hintFor: owner };
  });
  return { targets, spare };
}

/** At `first` or, when that fails, at the next of `spare`, which is taken from there: several may draw on it. */
export function* atFirstOrSpare<T>(first: string, spare: string[], ask: (node: string) => Flow<T>): Flow<T> {
  for (let node = first; ;) {
    try {
      return yield* ask(node);
    } catch (error) {
      const next = spare.shift();
      if (!(error instanceof CallError) || next === undefined) throw error;
      node = next;
    }
  }
}

/** The first that can be reached, or the first. */
export const firstReachable = (targets: readonly Target[], { state, clock }: DynamoContext): Target =>
  targets.find(({ node }) => isReachable(node, state, clock.monotonic)) ?? (targets[0] as Target);
