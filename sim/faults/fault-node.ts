/** Faults of nodes: each stops or slows one machine. */
import * as v from 'valibot';
import { distribution, factor, node, period, rule, timed, named } from './fields.ts';

/**
 * The node loses all volatile state; its disk keeps what was synced, and of the rest what its own draw says. It restarts when
 * `for` is over, unless `restart` is false; without `for` it stays down until a `restart` fault. Where several faults hold a
 * node down, it restarts when the last of them ends.
 */
const crash = v.pipe(
  v.strictObject({
    kind: v.literal('crash'),
    ...timed,
    node,
    restart: v.optional(v.boolean('true or false')),
  }),
  rule((fault) =>
    fault.restart === true && fault.for === undefined
      ? { at: ['restart'], expected: 'a fault with `for`: that is when the node restarts' }
      : undefined,
  ),
);

/** A crash and an immediate restart; a node that a `crash` without end holds down is started. */
const restart = v.strictObject({ kind: v.literal('restart'), ...named, node });

/** Crashes `every` so often, each time for `down`, from `at` on. */
const crashLoop = v.pipe(
  v.strictObject({ kind: v.literal('crash-loop'), ...timed, node, every: period, down: period }),
  rule((fault) =>
    fault.down >= fault.every
      ? { at: ['down'], expected: '`down` shorter than `every`: the node must come up between' }
      : undefined,
  ),
);

/**
 * Nothing runs on the node (a long garbage collection, a frozen virtual machine); what arrives and falls due waits and happens
 * at the end. A crash ends the pause.
 */
const pause = v.strictObject({ kind: v.literal('pause'), ...timed, node });

/** CPU work begun takes `factor` times as long, and each arriving message waits `delay` before it is handled. */
const slow = v.pipe(
  v.strictObject({
    kind: v.literal('slow'),
    ...timed,
    node,
    factor: v.optional(factor),
    delay: v.optional(distribution),
  }),
  rule((fault) =>
    fault.factor === undefined && fault.delay === undefined
      ? { at: ['factor'], expected: 'a factor, a delay, or both' }
      : undefined,
  ),
);

/** The node and its disk are lost for ever. */
const destroy = v.strictObject({ kind: v.literal('destroy'), ...named, node });

export const nodeFaults = [crash, restart, crashLoop, pause, slow, destroy] as const;
