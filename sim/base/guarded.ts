import { AssertionError } from './assert.ts';
import { ConfigError, SimulationError } from './errors.ts';

/** Runs what the scenario's author wrote: whatever it throws becomes a SimulationError that says where. */
export function guarded<T>(where: string | (() => string), act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof SimulationError || error instanceof AssertionError)
      throw error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new SimulationError('exception', `${typeof where === 'string' ? where : where()} threw ${what}`, {
      cause: error,
    });
  }
}
