/**
 * Waits until everything written is on disk, or stops the node's work.
 *
 * A disk that has failed to sync may have lost what the state holds, and the next sync will not say so again ("fsyncgate", 2018).
 * The only safe answer, and the one that databases have taken since, is to stop and read at a restart what is really there.
 */
import { CallError, type Context, type Flow } from '../../sim/index.ts';

/** `stop` marks the state as unusable when the sync fails; the failure goes on to the caller. */
export function* syncOrStop<S>(ctx: Context<S>, stop: (state: S) => void): Flow {
  if (ctx.disk.unsynced === 0) return;
  try {
    yield* ctx.disk.fsync();
  } catch (error) {
    if (error instanceof CallError) ctx.update(stop);
    throw error;
  }
}
