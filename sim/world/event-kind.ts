/** What the world schedules. The numbers are folded into digests: never reuse one. */
export const EventKind = {
  /** A one-way message arrives: node = to, a = message, b = from. */
  message: 1,
  /** A request arrives: node = to, a = message, b = from, payload = CallOp. */
  request: 2,
  /** A reply arrives: node = caller, b = from, payload = Response. */
  response: 3,
  /** A named timer: node, a = timer. */
  timer: 4,
  /** An operation's own event: node, a = code, payload = Op. */
  wake: 5,
  /** Anything that belongs to no node's handler: payload = Control. */
  control: 6,
} as const;

/** A scheduled act of the world itself: a retransmission, the end of a restart, a fault, an NTP poll. */
export interface Control {
  fire(): void;
}
