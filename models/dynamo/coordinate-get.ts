/**
 * Reads (Dynamo, sections 4.3, 4.5, 5): the node that is asked asks the first N nodes of the preference list that can be
 * reached, answers with what the first R of them know together, siblings and context, and when all have answered brings the
 * owners up to date that were behind (read repair).
 */
import { CallError, copyOf, type Flow } from '../../sim/index.ts';
import type { Reading } from '../versioning/versioning.ts';
import { consult, keep, knownCell, OWN } from './cell-tables.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import { ownersOf, serving, type DynamoContext } from './dynamo-state.ts';
import { gather, type Answer } from './gather.ts';
import { callPeer, targetsFor } from './reachability.ts';

export function* get(key: string, settings: DynamoSettings, ctx: DynamoContext): Flow<Reading> {
  serving(ctx.state);
  const { targets } = targetsFor(key, settings, ctx);
  const asks = targets.map(({ node }) => ({ node, flow: fetchFrom(node, key, settings, ctx) }));
  const needed = Math.min(settings.readQuorum, targets.length);
  const repair = settings.readRepair ? (all: Answers) => readRepair(key, all, settings, ctx) : undefined;
  const answers = yield* gather(asks, needed, settings.patience, ctx, repair);
  const { values, context } = settings.versioning.read(together(answers, settings));
  return { values, context };
}

type Answers = readonly Answer<unknown>[];

const together = (answers: Answers, { versioning }: DynamoSettings): unknown =>
  answers.reduce((merged, { reply }) => versioning.merge(merged, reply), versioning.empty);

function* fetchFrom(node: string, key: string, settings: DynamoSettings, ctx: DynamoContext): Flow<unknown> {
  if (node !== ctx.self.id) return yield* callPeer(node, 'fetch', { key }, settings, ctx);
  yield* consult(key, settings, ctx);
  return copyOf(knownCell(ctx.state, key, settings));
}

/** Each on its own: one that fails now is repaired another time. */
function* readRepair(key: string, answers: Answers, settings: DynamoSettings, ctx: DynamoContext): Flow {
  const { versioning } = settings;
  const cell = together(answers, settings);
  const owners = ownersOf(key, ctx.state, settings);
  for (const { from, reply } of answers) {
    if (!owners.includes(from) || versioning.compare(reply, cell) === 'equal') continue;
    ctx.count('read repairs');
    try {
      if (from === ctx.self.id) ctx.update((state) => keep(state, OWN, key, cell, settings, ctx));
      else yield* callPeer(from, 'store', { key, cell }, settings, ctx);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    }
  }
}
