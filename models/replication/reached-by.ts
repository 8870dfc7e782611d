/** The highest index that `count` of the places have reached; 0 when there are fewer. Sorts `reached`, which is short. */
export function reachedBy(count: number, reached: number[]): number {
  for (let i = 1; i < reached.length; i++) {
    const value = reached[i] as number;
    let j = i;
    for (; j > 0 && (reached[j - 1] as number) < value; j--) reached[j] = reached[j - 1] as number;
    reached[j] = value;
  }
  return reached[count - 1] ?? 0;
}
