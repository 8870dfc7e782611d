/** Closed forms of queueing theory. Unit service rate: times in mean service times, `rho` the load per server. */

export interface StationForm {
  /** Probability that an arrival waits. */
  readonly waits: number;
  /** Mean queueing time of those who are served. */
  readonly queueing: number;
  /** Mean time in the system of those who are served. */
  readonly sojourn: number;
  /** Mean number in the system. */
  readonly present: number;
  /** Share of the arrivals that are refused. */
  readonly loss: number;
}

/** M/M/c/K by its birth-and-death chain; K Infinity is Erlang's C. */
export function mmck(c: number, rho: number, K = Infinity): StationForm {
  const a = rho * c;
  const states = K === Infinity ? Math.ceil(c + 40 / (1 - rho)) : K;
  const weights = [1];
  for (let n = 1; n <= states; n++) weights.push((weights[n - 1] as number) * (a / Math.min(n, c)));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const share = (n: number): number => (weights[n] as number) / total;
  let present = 0;
  let queued = 0;
  let waits = 0;
  for (let n = 0; n <= states; n++) {
    present += n * share(n);
    queued += Math.max(0, n - c) * share(n);
    if (n >= c && n < states) waits += share(n);
  }
  const loss = K === Infinity ? 0 : share(states);
  const accepted = a * (1 - loss);
  return { waits, queueing: queued / accepted, sojourn: present / accepted, present, loss };
}

/** Join the shortest of n queues, each M/M/1, ties at random: mean time in the system, by iterating the truncated chain. */
export function shortestQueue(n: 2 | 3, rho: number, most = n === 2 ? 120 : 40): number {
  const size = most + 1;
  const states = size ** n;
  const stride = Array.from({ length: n }, (_, i) => size ** i);
  const rate = n * rho;
  const uniform = rate + n;
  let p = new Float64Array(states);
  p[0] = 1;
  let before = -1;
  for (let round = 0; ; round++) {
    const q = new Float64Array(states);
    let present = 0;
    for (let state = 0; state < states; state++) {
      const mass = p[state] as number;
      if (mass < 1e-30) continue;
      const lengths = stride.map((step) => Math.floor(state / step) % size);
      const least = Math.min(...lengths);
      const ties = lengths.filter((length) => length === least).length;
      let stays = 0;
      lengths.forEach((length, i) => {
        present += mass * length;
        if (length > 0)
          q[state - (stride[i] as number)] = (q[state - (stride[i] as number)] as number) + mass / uniform;
        else stays += mass / uniform;
        if (length !== least) return;
        const share = ((mass / uniform) * rate) / ties;
        if (length < most) q[state + (stride[i] as number)] = (q[state + (stride[i] as number)] as number) + share;
        else stays += share;
      });
      q[state] = (q[state] as number) + stays;
    }
    p = q;
    if (round % 64 === 63) {
      if (Math.abs(present - before) < 1e-7 * present) return present / rate;
      before = present;
    }
  }
}

export interface TwoPriorities {
  /** Mean queueing times without pre-emption: high, low. */
  readonly queueing: readonly [number, number];
  /** Mean times in the system with pre-emption, resuming: high, low. */
  readonly preemptive: readonly [number, number];
}

/** M/M/1 with two priorities (Cobham): loads of the high and of the low one. */
export function cobham(high: number, low: number): TwoPriorities {
  const all = high + low;
  return {
    queueing: [all / (1 - high), all / ((1 - high) * (1 - all))],
    preemptive: [1 / (1 - high), 1 / ((1 - high) * (1 - all))],
  };
}

/** Mean queueing time of M/G/1; `cv2` is the squared coefficient of variation of the work. */
export const pollaczekKhinchine = (rho: number, cv2: number): number => (rho * (1 + cv2)) / (2 * (1 - rho));

/** M/M/c+M: share of the arrivals that give up, when patience in the queue is exponential with rate `theta`. */
export function impatient(c: number, rho: number, theta: number): number {
  const a = rho * c;
  const states = Math.ceil(c + 60 * Math.max(1, a) + 60 / theta);
  const weights = [1];
  for (let n = 1; n <= states; n++)
    weights.push((weights[n - 1] as number) * (a / (Math.min(n, c) + Math.max(0, n - c) * theta)));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const queued = weights.reduce((sum, w, n) => sum + Math.max(0, n - c) * w, 0) / total;
  return (theta * queued) / a;
}
