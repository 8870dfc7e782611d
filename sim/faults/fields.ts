/** The fields that faults are made of. Each schema's message says what is expected there; fault.ts adds the path and the value. */
import * as v from 'valibot';
import { ConfigError } from '../base/errors.ts';
import { ms, parseDuration, type Micros } from '../base/time.ts';
import type { DistributionSpec } from '../random/distribution-spec.ts';
import { toDistribution } from '../random/parse-distribution.ts';

type Keys = readonly (string | number)[];
type Path = [v.IssuePathItem, ...v.IssuePathItem[]];

function pathTo(value: unknown, keys: Keys): Path {
  let at = value;
  const items = keys.map((key): v.IssuePathItem => {
    const input = at;
    at = typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[key] : undefined;
    return { type: 'unknown', origin: 'value', input, key, value: at };
  });
  return items as Path;
}

/** A field read by a function that throws ConfigError. What it says of a part, such as `.mean`, becomes part of the path. */
const readBy = <T>(read: (value: unknown) => T) =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const keys = error.field.split(/[.[\]]+/).filter((key) => key !== '');
        if (keys.length === 0) addIssue({ message: error.expected });
        else addIssue({ message: error.expected, path: pathTo(dataset.value, keys) });
        return NEVER;
      }
    }),
  );

/** A rule between fields of one fault: `judge` says which field breaks it and what is expected there. */
export const rule = <T extends object>(judge: (fault: T) => { at: Keys; expected: string } | undefined) =>
  v.rawCheck<T>(({ dataset, addIssue }) => {
    const broken = dataset.typed ? judge(dataset.value) : undefined;
    if (broken !== undefined) addIssue({ message: broken.expected, path: pathTo(dataset.value, broken.at) });
  });

const atLeast = (least: Micros, text: string) =>
  readBy<Micros>((value) => {
    const read = parseDuration(value, '');
    if (read < least) throw new ConfigError('', value, text);
    return read + 0;
  });

/** An instant or a duration from 0 on. */
export const duration = atLeast(0, '');
/** A duration above 0. */
export const lasting = atLeast(1, 'a duration above 0, such as "250ms"');
/** A duration that repeats: at least 1 ms, so that a fault alone does not fill the event queue. */
export const period = atLeast(ms(1), 'a duration of at least 1ms');

/** A duration either way, not 0: µs or text such as "-250ms". */
export const shift = readBy<number>((value) => {
  const expected = 'a duration forwards or backwards, such as 250000 (microseconds), "250ms" or "-1.5s", not 0';
  const back = typeof value === 'number' ? value < 0 : typeof value === 'string' && value.trim().startsWith('-');
  try {
    const size = back ? (typeof value === 'number' ? -value : (value as string).trim().slice(1)) : value;
    const read = parseDuration(size, '');
    if (read > 0) return back ? -read : read;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  throw new ConfigError('', value, expected);
});

/** A distribution of durations, or a bare duration for a constant. */
export const distribution = readBy<DistributionSpec>((value) => toDistribution(value, ''));

const numberFrom = (min: number, max: number, expected: string) =>
  v.pipe(
    v.number(expected),
    v.check((x) => x >= min && x <= max, expected),
    v.transform((x) => x + 0), // −0 is written as 0 and must be read as the same
  );

/** 0…1, both included. */
export const probability = numberFrom(0, 1, 'a number from 0 to 1');
/** How many times as much: 0.001…1,000,000. */
export const factor = numberFrom(0.001, 1_000_000, 'a factor from 0.001 to 1000000');
/** Parts per million by which an oscillator is fast (or slow, when negative): −1,000,000 stops it. */
export const ppm = numberFrom(-1_000_000, 1_000_000, 'parts per million from -1000000 to 1000000');
/** 1…10^12. */
export const bytesPerSecond = numberFrom(1, 1e12, 'bytes per second from 1 to 1e12');

/** A name of a node, a zone, a region or a key. */
export const nameOf = (what: string) =>
  v.pipe(v.string(`the name of a ${what}`), v.minLength(1, `the name of a ${what}`));

export const node = nameOf('node');

const once = (names: string[]): boolean => new Set(names).size === names.length;

/** At least one node, each once. */
export const nodeList = v.pipe(
  v.array(node, 'a list of node names'),
  v.minLength(1, 'at least one node name'),
  v.check(once, 'each node once'),
);

/** Nodes by name, or '*' for all. */
export const nodesOrAll = v.lazy((input) =>
  typeof input === 'string' ? v.literal('*', '"*" for every node, or a list of node names') : nodeList,
);

/** The end of a link; '*', the default, is any node. */
export const linkEnd = v.optional(nodesOrAll, '*');

/**
 * Groups of nodes, each node in one of them at most. One group may be `["*"]`: all nodes that the others do not name. A node
 * in no group keeps contact with everybody.
 */
export const groups = v.pipe(
  v.array(nodeList, 'a list of groups of node names'),
  v.minLength(2, 'at least two groups of nodes'),
  rule<string[][]>((given) => {
    const seen = new Set<string>();
    for (const [i, group] of given.entries()) {
      for (const [j, name] of group.entries()) {
        if (seen.has(name)) return { at: [i, j], expected: 'each node in one group only' };
        if (name === '*' && group.length > 1) return { at: [i, j], expected: 'the rest, "*", in a group of its own' };
        seen.add(name);
      }
    }
    return undefined;
  }),
);

const ID = 'an id of 1 to 64 letters, digits, "_", "-", "." or ":"';

/** What every fault has. An empty id stands for none: `schedule` gives one. */
export const named = {
  id: v.optional(v.pipe(v.string(ID), v.regex(/^[\w.:-]{0,64}$/, ID)), ''),
  at: duration,
} as const;

/**
 * A fault that lasts `for` a while, or without it to the end of the run.
 *
 * `stays` marks a fault that lasts to the end although the system is owed to recover: it hits none of the quorum core, which has
 * healed when all faults without the mark have. Liveness is then judged from that instant on.
 */
export const timed = {
  ...named,
  for: v.optional(lasting),
  stays: v.optional(v.literal(true, 'true, or nothing')),
} as const;
