/** A call whose failure is an answer too. */
import { CallError, type Flow, type Op } from '../../sim/index.ts';

/** What was answered, or undefined. */
export function* attempt<T>(call: Op<T>): Flow<T | undefined> {
  try {
    return yield* call;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}
