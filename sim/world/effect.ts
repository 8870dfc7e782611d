/** What one planned fault has changed so far. A fault whose count stays 0 had no effect. */
export interface Effect {
  count: number;
}

/** Credits every effect in the list. */
export function credit(effects: readonly Effect[]): void {
  for (const effect of effects) effect.count++;
}
