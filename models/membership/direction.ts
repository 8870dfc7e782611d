/** Who gives and who takes when two members exchange what they know. */
import { ConfigError } from '../../sim/index.ts';

/** Who begins tells what it knows (push), asks for what the other knows (pull), or both. */
export type Direction = 'push' | 'pull' | 'push-pull';

/** Throws ConfigError naming the field. */
export function checkDirection(direction: Direction, field: string): void {
  if (direction !== 'push' && direction !== 'pull' && direction !== 'push-pull')
    throw new ConfigError(field, direction, '"push", "pull" or "push-pull"');
}
