/** What happens when a message, a request or a reply reaches a node. */
import { SimulationError } from '../base/errors.ts';
import { NEVER } from '../base/time.ts';
import type { Flow } from './actor.ts';
import type { CallOp, Response } from './call.ts';
import { CallError, reject } from './call-error.ts';
import type { CompiledActor, FlowHandler, Step } from './compiled-actor.ts';
import type { Context } from './context.ts';
import { WorkOp } from './cpu.ts';
import { EventKind } from './event-kind.ts';
import { FlowRun, type FlowEnd } from './flow.ts';
import { Op } from './op.ts';
import type { Envelope } from './network.ts';
import type { Node } from './node.ts';
import { NOT_PROMPT } from './node-columns.ts';
import type { World } from './world.ts';

const RESET_SIZE_BYTES = 64;

/** Code in column `c` of an arrival that a slow node has already been made to wait for. */
const DELAYED = -0x8000_0000;

/** The event that the queue has just popped is an arrival at the node number `index`. */
export function arrive(world: World, index: number): void {
  const { queue, network } = world;
  const { kind, a, payload } = queue;
  if (network.mayIntercept && queue.c !== DELAYED && isIntercepted(world, index)) return;
  const isPrompt = ((world.columns.marks[index] as number) & NOT_PROMPT) === 0;
  if (!isPrompt && isHeldUp(world, world.nodes[index] as Node)) return;
  network.delivered++;
  if (world.trace !== undefined) {
    const node = world.nodes[index] as Node;
    queue.currentCause = world.trace.delivered(node, queue.b, kind, a, payload, queue.cause);
  }
  if (kind === EventKind.response) {
    const { call, succeeded, value } = payload as Response;
    // A reply to an earlier life of the caller finds nobody.
    if (call.life === (world.nodes[index] as Node).life) call.answered(succeeded, value);
  } else if (!isPrompt && (world.nodes[index] as Node).perMessage !== undefined) {
    chargeAndHandle(world, world.nodes[index] as Node, kind, a, payload);
  } else {
    handle(world, index, kind, a, payload);
  }
  if (world.hasDeferred) world.drain();
}

function isIntercepted({ queue, network, nodes }: World, index: number): boolean {
  const { kind, a, b, c, payload, cause } = queue;
  return network.intercept(nodes[b] as Node, nodes[index] as Node, kind, a, c, payload, cause);
}

/** True when the arrival does not go on now: the node is down (lost), paused (held) or slow (later). */
function isHeldUp(world: World, node: Node): boolean {
  const { queue, network } = world;
  const { kind, a, b, c, payload, cause } = queue;
  if (node.status === 'paused') {
    world.hold(node);
    return true;
  }
  if (node.status !== 'up') {
    network.dropped++;
    const from = world.nodes[b] as Node;
    const envelope: Envelope = { kind, message: a, payload, sizeBytes: 0, index: c, cause };
    world.trace?.dropped(from, node, envelope, node.status);
    if (kind === EventKind.request) refuseConnection(world, payload as CallOp, node);
    return true;
  }
  if (node.sluggish.length === 0 || c === DELAYED) return false;
  let delay = 0;
  const sender = world.nodes[b] as Node;
  for (const slow of node.sluggish) {
    delay += slow.delay.sample(slow.drawsFor(sender).at(c));
    slow.effect.count++;
  }
  const before = queue.currentCause;
  queue.currentCause = cause;
  queue.push(Math.min(NEVER - 1, world.now + delay), kind, node.index, a, b, DELAYED, payload);
  queue.currentCause = before;
  return true;
}

/** A stream to a crashed process is reset by its machine; a datagram just vanishes, and so does anything sent to a lost node. */
function refuseConnection(world: World, call: CallOp, node: Node): void {
  const caller = call.callerNode as Node;
  const link = world.network.link(caller, node);
  if (link.law.transport !== 'stream' || node.status === 'gone' || caller === node) return;
  breakCall(world, call, node, `${node.id} is ${node.status}`);
}

/** Tells the caller, one latency later, that the connection to `node` has broken. */
export function breakCall(world: World, call: CallOp, node: Node, why: string): void {
  const caller = call.callerNode as Node;
  world.network.send(node.index, caller.index, EventKind.response, 0, world.broken(call, why), RESET_SIZE_BYTES);
}

function chargeAndHandle(world: World, node: Node, kind: number, message: number, payload: unknown): void {
  const cost = node.perMessage?.sample(node.random) ?? 0;
  const caller = kind === EventKind.request ? (payload as CallOp) : undefined;
  const end: FlowEnd = {
    caller,
    flowEnded: (succeeded, value) => {
      if (!succeeded && caller !== undefined) world.respond(caller, false, value);
    },
  };
  function* charged(): Flow<void> {
    yield* new WorkOp(cost);
    handle(world, node.index, kind, message, payload);
  }
  new FlowRun(node, charged(), end).advance();
}

/** Runs the handler of a message or request. */
function handle(world: World, index: number, kind: number, message: number, payload: unknown): void {
  const { columns } = world;
  const call = kind === EventKind.request ? (payload as CallOp) : undefined;
  if (call !== undefined && ((columns.marks[index] as number) & NOT_PROMPT) !== 0) {
    const node = world.nodes[index] as Node;
    if (isBrownedOut(node)) {
      world.respond(call, false, reject('unavailable', `${node.id} is browned out`));
      return;
    }
  }
  const body = call === undefined ? payload : call.payload;
  const { steps, flows, spec } = columns.actors[index] as CompiledActor;
  const step = steps[message];
  if (step !== undefined) {
    runStep(world, index, step, body, call);
    return;
  }
  const node = world.nodes[index] as Node;
  const flow: FlowHandler | undefined = flows[message] ?? forwarder(world, node, message);
  if (flow === undefined) {
    throw new SimulationError(
      'handler',
      `${node.id} (${spec.role}) has no handler for message ${world.messages.names[message]}`,
    );
  }
  new FlowRun(node, flow(body, node.ctx), call).advance();
}

function forwarder(world: World, node: Node, message: number): FlowHandler | undefined {
  const { forward } = node.actor.spec;
  const name = world.messages.names[message] as string;
  return forward === undefined ? undefined : (payload, ctx) => forward(name, payload, ctx);
}

function isBrownedOut(node: Node): boolean {
  let refused = false;
  // Each draws, whatever the others do: none moves another's draws.
  for (const brownout of node.brownouts) {
    if (!brownout.random.chance(brownout.probability)) continue;
    brownout.effect.count++;
    refused = true;
  }
  return refused;
}

function runStep(world: World, index: number, step: Step, body: unknown, call: CallOp | undefined): void {
  const { columns } = world;
  const ctx = columns.contexts[index] as Context<unknown>;
  let reply: unknown;
  try {
    if (world.recorder === undefined) {
      world.inStep = true;
      reply = step(columns.states[index], body, ctx);
    } else {
      reply = world.step(world.nodes[index] as Node, (state) => step(state, body, ctx));
    }
  } catch (failure) {
    world.inStep = false;
    if (!(failure instanceof CallError)) throw failure;
    if (call !== undefined) world.respond(call, false, failure);
    return;
  }
  world.inStep = false;
  // Most replies are plain data or nothing.
  if (reply !== undefined && reply instanceof Op)
    new FlowRun(world.nodes[index] as Node, waitFor(reply), call).advance();
  else if (call !== undefined) world.respond(call, true, reply);
}

/** A reply that waits for an operation, such as an fsync. */
function* waitFor(op: Op<unknown>): Flow<unknown> {
  return yield* op;
}
