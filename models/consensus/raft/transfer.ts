/** Handing the leadership over (dissertation §3.10). */
import { reject, type Flow } from '../../../sim/index.ts';
import { mustLead } from '../must-lead.ts';
import { isVoter } from './configuration.ts';
import { lastIndex } from './raft-log.ts';
import { configurationOf, type RaftContext } from './raft-state.ts';
import { leaseEnd } from './roles.ts';
import { nodeNamed, type RaftSettings } from './settings.ts';
import { shipAll } from './shipping.ts';
import { until } from './waiting.ts';

/**
 * The leader takes no more updates, brings `to` up to date and tells it to stand. If that does not succeed within an election
 * timeout, it goes on as leader. Answers with the new leader's term, as far as it knows it.
 */
export function* transfer(
  { to }: { readonly to: string },
  settings: RaftSettings,
  ctx: RaftContext,
): Flow<{ readonly term: number }> {
  const term = ctx.update((state) => {
    mustLead(state, ctx);
    if (to === ctx.self.id || !isVoter(configurationOf(state), to))
      throw reject('bad-transfer', `${to} is no other voter of the group`);
    if (state.transferTo !== '')
      throw reject('transferring', `${ctx.self.id} hands over to ${state.transferTo} already`);
    state.transferTo = to;
    shipAll(state, settings, ctx);
    return state.term;
  });
  const patient = { ...settings, patience: settings.electionTimeout };
  try {
    yield* until({ term, effect: false }, patient, ctx, ({ peers, log }) => peers[to]?.matched === lastIndex(log));
    ctx.update((state) => {
      // From here on another may be elected at any time.
      state.leaseVoid = true;
      state.leaseUntil = leaseEnd(state, settings, ctx);
      ctx.send(nodeNamed(settings, to), 'timeoutNow', { from: ctx.self.id, term });
    });
    yield* until({ term: null, effect: true }, patient, ctx, (state) => state.term > term);
  } finally {
    ctx.update((state) => {
      if (state.term === term) state.transferTo = '';
    });
  }
  return { term: ctx.state.term };
}
