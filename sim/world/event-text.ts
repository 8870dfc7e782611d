/** Says in words which event a world is handling: for errors of the simulated program. */
import { instantText } from '../base/time.ts';
import type { CallOp, Response } from './call.ts';
import { EventKind } from './event-kind.ts';
import type { World } from './world.ts';

/** Such as `n1 (server) handling get at 0.0030 s`. */
export function presentEventText(world: World): string {
  const { queue } = world;
  const at = `at ${instantText(queue.now)}`;
  const node = world.nodes[queue.node];
  if (node === undefined || queue.kind === EventKind.control) return `the world ${at}`;
  const who = `${node.id} (${node.role})`;
  if (queue.kind === EventKind.timer) return `${who}, timer ${node.actor.timerNames[queue.a]}, ${at}`;
  if (queue.kind === EventKind.message) return `${who} handling ${world.messages.names[queue.a]} ${at}`;
  const call =
    queue.kind === EventKind.request
      ? (queue.payload as CallOp | undefined)
      : (queue.payload as Response | undefined)?.call;
  if (queue.kind === EventKind.request && call !== undefined) return `${who} handling ${call.message} ${at}`;
  return `${who}, in a flow, ${at}`;
}
