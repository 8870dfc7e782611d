/** Boot, crash, restart, pause, resume, and loss for ever. */
import { EventKind } from './event-kind.ts';
import { CallOp } from './call.ts';
import { breakCall } from './arrival.ts';
import type { Effect } from './effect.ts';
import type { Node } from './node.ts';
import type { World } from './world.ts';

/** Makes the state and runs `start`. `fresh`: the very first boot; otherwise recovery from the disk. */
export function boot(world: World, node: Node, fresh: boolean): void {
  const { spec } = node.actor;
  const { queue } = world;
  const before = queue.currentCause;
  node.status = 'up';
  node.reconsider();
  if (world.trace !== undefined) queue.currentCause = world.trace.at('boot', node, spec.role, before);
  node.state = !fresh && spec.recover !== undefined ? spec.recover(node.disk, node.ctx) : spec.init(node.ctx);
  world.recorder?.replaced(node, queue.currentCause);
  const { start } = spec;
  if (start !== undefined) world.begin(node, (state) => start.call(spec, state, node.ctx));
  world.drain();
  if (fresh && node.ntp !== undefined) pollNtp(world, node);
  world.trace?.phase(node, queue.currentCause);
  if (node.watched) for (const observer of world.observers) observer.handled(node);
  queue.currentCause = before;
}

function pollNtp(world: World, node: Node): void {
  const ntp = node.ntp;
  if (ntp === undefined || node.status === 'gone') return;
  if (node.status !== 'crashed') {
    const settleAfter = ntp.poll();
    if (settleAfter !== undefined && settleAfter < ntp.every) world.after(settleAfter, { fire: () => ntp.settle() });
  }
  world.after(ntp.every, { fire: () => pollNtp(world, node) });
}

/** Loses everything volatile. Returns false when there was nothing to crash. */
export function crash(world: World, node: Node): boolean {
  if (node.status === 'crashed' || node.status === 'gone') return false;
  const wasPaused = node.status === 'paused';
  node.status = 'crashed';
  node.life++;
  node.reconsider();
  world.trace?.at('crash', node, node.actor.spec.role, world.queue.currentCause);
  world.disarm(node);
  node.used.cpu?.reset();
  node.used.disk?.crash();
  node.signals.clear();
  for (const flow of node.flows.drop()) {
    const call = flow.end?.caller;
    if (call instanceof CallOp && call.callerNode !== node) breakIfStream(world, call, node);
  }
  world.network.forget(node);
  if (wasPaused) releaseHeld(world, node);
  node.pauses = 0;
  node.pauseEffects.length = 0;
  abandonOperations(world, node);
  world.trace?.phase(node, world.queue.currentCause);
  if (node.watched) for (const observer of world.observers) observer.handled(node);
  return true;
}

function breakIfStream(world: World, call: CallOp, node: Node): void {
  const caller = call.callerNode as Node;
  if (world.network.link(caller, node).law.transport === 'stream') breakCall(world, call, node, `${node.id} crashed`);
}

/** A client that crashes never learns how its operations ended: they stay open, as unknown. */
function abandonOperations(world: World, node: Node): void {
  for (const id of [...node.openOperations]) world.complete(node, id, 'info', 'client crashed', undefined);
}

/** Boots again after the boot time. Returns false when the node is not crashed. */
export function restart(world: World, node: Node): boolean {
  if (node.status !== 'crashed') return false;
  node.status = 'restarting';
  world.trace?.at('restart', node, node.actor.spec.role, world.queue.currentCause);
  world.trace?.phase(node, world.queue.currentCause);
  const { life } = node;
  const cause = world.queue.currentCause;
  world.after(node.bootTime, {
    fire: () => {
      if (node.life !== life || node.status !== 'restarting') return;
      world.queue.currentCause = cause;
      boot(world, node, false);
    },
  });
  return true;
}

/** Nothing runs until `resume`; nested pauses count. Returns false when the node was not running. */
export function pause(world: World, node: Node, effect: Effect): boolean {
  if (node.status !== 'up' && node.status !== 'paused') return false;
  node.pauseEffects.push(effect);
  node.pauses++;
  if (node.status === 'paused') return true;
  node.status = 'paused';
  node.pausedAt = world.now;
  node.reconsider();
  world.trace?.at('pause', node, node.actor.spec.role, world.queue.currentCause);
  return true;
}

/** Ends one pause; the node goes on when the last has ended, and then everything that waited happens, in order. */
export function resume(world: World, node: Node, effect?: Effect): void {
  if (effect !== undefined) {
    const at = node.pauseEffects.indexOf(effect);
    if (at < 0) return;
    node.pauseEffects.splice(at, 1);
  }
  if (node.status !== 'paused') return;
  node.pauses--;
  if (node.pauses > 0) return;
  node.status = 'up';
  node.reconsider();
  node.pausedTotal += world.now - node.pausedAt;
  world.trace?.at('resume', node, node.actor.spec.role, world.queue.currentCause);
  releaseHeld(world, node);
}

function releaseHeld(world: World, node: Node): void {
  const { queue } = world;
  const before = queue.currentCause;
  const held = node.held;
  node.held = [];
  for (const event of held) {
    queue.currentCause = event.cause;
    // A timer that a crash swallowed does not come back; what it was is gone.
    if (node.status === 'crashed' && event.kind >= EventKind.timer) continue;
    const handle = queue.push(world.now, event.kind, node.index, event.a, event.b, event.c, event.payload);
    if (event.kind === EventKind.timer) world.timers.set(node.firstTimer + event.a, handle);
  }
  queue.currentCause = before;
}

/** Gone for ever, with its disk. Returns false when it was gone already. */
export function destroy(world: World, node: Node): boolean {
  if (node.status === 'gone') return false;
  crash(world, node);
  node.status = 'gone';
  node.used.disk?.wipe();
  node.reconsider();
  world.trace?.at('gone', node, node.actor.spec.role, world.queue.currentCause);
  world.trace?.phase(node, world.queue.currentCause);
  return true;
}
