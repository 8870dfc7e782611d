import { CallError } from '../../sim/index.ts';

/** Runs a step that a full disk may refuse: then it is for another time. */
export function unlessDiskFull(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}
