/** What has ended lately, for those who watch: the last few, and all of the present instant, so that none ends unseen. */

export interface Lately {
  readonly id: string;
  /** On the node's monotonic clock. */
  readonly at: number;
}

const FEW = 2;

export function noteLately(lately: Lately[], id: string, at: number): void {
  lately.push({ id, at });
  while (lately.length > FEW && lately[0]?.at !== at) lately.shift();
}
