import { CallError } from '../../sim/index.ts';

/** Runs a step that a full disk may refuse: then it is for another time. Whether it was done. */
export function unlessDiskFull(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (error instanceof CallError) return false;
    throw error;
  }
}
