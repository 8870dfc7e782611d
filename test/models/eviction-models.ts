/** Eviction policies as plainly as they can be written: arrays, searched from one end to the other. */

export interface PlainCache {
  /** Whether it was there; brings it in. */
  ask(key: string): { readonly hit: boolean; readonly evicted?: string };
  remove(key: string): void;
}

const without = (line: string[], key: string): void => {
  const at = line.indexOf(key);
  if (at >= 0) line.splice(at, 1);
};

/** LRU and FIFO: one line, the next victim first. */
const oneLine =
  (moves: boolean) =>
  (capacity: number): PlainCache => {
    const line: string[] = [];
    return {
      ask(key) {
        const hit = line.includes(key);
        if (hit && !moves) return { hit };
        without(line, key);
        const evicted = line.length === capacity ? line.shift() : undefined;
        line.push(key);
        return { hit, ...(evicted === undefined ? {} : { evicted }) };
      },
      remove: (key) => without(line, key),
    };
  };

/** The least count goes; of equals the one that has had it for longest. */
const counting =
  (forEver: boolean) =>
  (capacity: number): PlainCache => {
    let now = 0;
    const counts = new Map<string, { count: number; since: number }>();
    const cached: string[] = [];
    const forget = (key: string): void => {
      without(cached, key);
      if (!forEver) counts.delete(key);
    };
    return {
      ask(key) {
        const hit = cached.includes(key);
        let evicted: string | undefined;
        if (!hit && cached.length === capacity) {
          const ranked = cached.toSorted((a, b) => {
            const [x, y] = [counts.get(a), counts.get(b)];
            return (x?.count ?? 0) - (y?.count ?? 0) || (x?.since ?? 0) - (y?.since ?? 0);
          });
          evicted = ranked[0] as string;
          forget(evicted);
        }
        counts.set(key, { count: (counts.get(key)?.count ?? 0) + 1, since: now++ });
        if (!hit) cached.push(key);
        return { hit, ...(evicted === undefined ? {} : { evicted }) };
      },
      remove: (key) => cached.includes(key) && forget(key),
    };
  };

const secondChance = (capacity: number): PlainCache => {
  let circle: { key: string; mark: boolean }[] = [];
  return {
    ask(key) {
      const place = circle.find((other) => other.key === key);
      if (place !== undefined) {
        place.mark = true;
        return { hit: true };
      }
      let evicted: string | undefined;
      while (circle.length === capacity) {
        const front = circle.shift() as { key: string; mark: boolean };
        if (front.mark) circle.push({ key: front.key, mark: false });
        else evicted = front.key;
      }
      circle.push({ key, mark: false });
      return { hit: false, ...(evicted === undefined ? {} : { evicted }) };
    },
    remove(key) {
      circle = circle.filter((other) => other.key !== key);
    },
  };
};

/** The hand is a place in the line of the oldest to the newest. */
const sieving = (capacity: number): PlainCache => {
  const line: { key: string; mark: boolean }[] = [];
  let hand = 0;
  const takeOut = (at: number): void => {
    line.splice(at, 1);
    if (at < hand) hand--;
    if (hand >= line.length) hand = 0;
  };
  return {
    ask(key) {
      const place = line.find((other) => other.key === key);
      if (place !== undefined) {
        place.mark = true;
        return { hit: true };
      }
      let evicted: string | undefined;
      // The hand that has gone past the newest waits at the oldest.
      if (line.length === capacity) {
        while ((line[hand] as { mark: boolean }).mark) {
          (line[hand] as { mark: boolean }).mark = false;
          hand = (hand + 1) % line.length;
        }
        evicted = (line[hand] as { key: string }).key;
        takeOut(hand);
      }
      line.push({ key, mark: false });
      return { hit: false, ...(evicted === undefined ? {} : { evicted }) };
    },
    remove(key) {
      const at = line.findIndex((other) => other.key === key);
      if (at >= 0) takeOut(at);
    },
  };
};

/** The full version of the paper, Kin a quarter and Kout half of the capacity; the newest first, as there. */
const twoQueues = (capacity: number): PlainCache => {
  const a1in: string[] = [];
  const a1out: string[] = [];
  const am: string[] = [];
  const kin = Math.max(1, Math.floor(capacity / 4));
  const kout = Math.floor(capacity / 2);
  const reclaim = (): string | undefined => {
    if (a1in.length + am.length < capacity) return undefined;
    if (a1in.length > kin || am.length === 0) {
      const key = a1in.pop() as string;
      if (kout > 0) a1out.unshift(key);
      if (a1out.length > kout) a1out.pop();
      return key;
    }
    return am.pop();
  };
  return {
    ask(key) {
      if (am.includes(key)) {
        without(am, key);
        am.unshift(key);
        return { hit: true };
      }
      if (a1in.includes(key)) return { hit: true };
      const evicted = reclaim();
      const returns = a1out.includes(key);
      without(a1out, key);
      (returns ? am : a1in).unshift(key);
      return { hit: false, ...(evicted === undefined ? {} : { evicted }) };
    },
    remove(key) {
      without(a1in, key);
      without(am, key);
    },
  };
};

/** ARC(c) of the paper, figure 4, case by case; the most recently used first. It knows no removals. */
const adaptive = (c: number): PlainCache => {
  const [t1, t2, b1, b2]: [string[], string[], string[], string[]] = [[], [], [], []];
  let p = 0;
  let evicted: string | undefined;
  const replace = (key: string): void => {
    if (t1.length > 0 && (t1.length > p || (b2.includes(key) && t1.length === p))) {
      evicted = t1.pop() as string;
      b1.unshift(evicted);
    } else {
      evicted = t2.pop() as string;
      b2.unshift(evicted);
    }
  };
  const caseFour = (key: string): void => {
    if (t1.length + b1.length === c) {
      if (t1.length < c) {
        b1.pop();
        replace(key);
      } else evicted = t1.pop();
    } else if (t1.length + t2.length + b1.length + b2.length >= c) {
      if (t1.length + t2.length + b1.length + b2.length === 2 * c) b2.pop();
      replace(key);
    }
    t1.unshift(key);
  };
  return {
    ask(key) {
      evicted = undefined;
      if (t1.includes(key) || t2.includes(key)) {
        without(t1, key);
        without(t2, key);
        t2.unshift(key);
        return { hit: true };
      }
      if (b1.includes(key) || b2.includes(key)) {
        if (b1.includes(key)) p = Math.min(c, p + Math.max(1, b2.length / b1.length));
        else p = Math.max(0, p - Math.max(1, b1.length / b2.length));
        replace(key);
        without(b1, key);
        without(b2, key);
        t2.unshift(key);
      } else caseFour(key);
      return { hit: false, ...(evicted === undefined ? {} : { evicted }) };
    },
    remove: () => {},
  };
};

/** By the policy's name. */
export const PLAIN: Readonly<Record<string, (capacity: number) => PlainCache>> = {
  lru: oneLine(true),
  fifo: oneLine(false),
  lfu: counting(false),
  'perfect-lfu': counting(true),
  clock: secondChance,
  sieve: sieving,
  '2q': twoQueues,
  arc: adaptive,
};

/** The fewest misses that any policy can have on a string of pages: evict what is needed again last (L. Belady, 1966). */
export function fewestMisses(pages: readonly string[], frames: number): number {
  const cached: string[] = [];
  let misses = 0;
  pages.forEach((page, now) => {
    if (cached.includes(page)) return;
    misses++;
    const next = (key: string): number => {
      const at = pages.indexOf(key, now + 1);
      return at < 0 ? Infinity : at;
    };
    if (cached.length === frames) {
      const last = cached.reduce((worst, key) => (next(key) > next(worst) ? key : worst));
      without(cached, last);
    }
    cached.push(page);
  });
  return misses;
}
