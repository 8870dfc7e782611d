/** What phases mean to a reader: who leads, who is down. Protocols keep their papers' words, so both are lists of words. */

export type PhaseRank = 'leading' | 'changing' | 'down' | 'ordinary';

const LEADING = /^(leader|primary|coordinator|holder|holding|owner|active|sequencer|head|proposer|locked|acting)\b/i;
const CHANGING =
  /^(candidate|pre-?candidate|electing|election|view-?change|recovering|catching|joining|half-?open|open|suspect|preparing|transition|degraded)\b/i;
const DOWN = /^(crashed|restarting|gone|down|stopped)$/;

const ACTIVITY = /^(idle|serving|waiting|busy|working|sleeping|ready|polling|listening|processing|running|up)$/i;

/** What a node does from one moment to the next, not what it is. */
export const isActivity = (phase: string): boolean => ACTIVITY.test(phase);

export function phaseRank(phase: string): PhaseRank {
  if (DOWN.test(phase)) return 'down';
  if (LEADING.test(phase)) return 'leading';
  return CHANGING.test(phase) ? 'changing' : 'ordinary';
}
