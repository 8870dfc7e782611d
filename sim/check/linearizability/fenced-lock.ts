/**
 * Linearizability of a lock whose leases can end unnoticed, and of what it protects: `acquire` returns a fencing token,
 * `use` shows it (its input) to the protected resource; `release` promises nothing here.
 *
 * Tokens grow from one acquisition to the next; the resource accepts a use only if its token was issued and none greater
 * was accepted before. Refused uses are failed operations. Both orders are known from the tokens, so it is enough that no
 * operation ended before one that must precede it began (precedence.ts): O(n log n). A token that no completed acquisition
 * returned belongs to one of unknown outcome; the earliest invoked gets the smallest, which leaves most room.
 * Fencing: Kleppmann, "How to do distributed locking", 2016; Chubby's sequencers, Burrows, OSDI 2006.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Call, ObjectConflict, ObjectModel } from './object-model.ts';
import { withoutDeadlines, type Span } from './span.ts';

interface Fencing {
  readonly issued: readonly number[];
  readonly accepted: number;
}

const tokenOf = ({ f, input, output }: Pick<Operation, 'f' | 'input' | 'output'>): number =>
  (f === 'use' ? input : output) as number;

function verify(op: Operation): void {
  if (op.f === 'release' || (op.f === 'acquire' && op.outcome !== 'ok')) return;
  const field = op.f === 'use' ? 'input of use' : 'output of acquire';
  if (!Number.isSafeInteger(tokenOf(op)))
    throw new ConfigError(`operation ${op.id}: ${field}`, tokenOf(op), 'a whole number, the fencing token');
}

/** Of an acquisition of unknown outcome the token is unknown too; `conflictIn` knows what to make of it, a step does not. */
function step(state: Fencing, call: Call): Fencing | undefined {
  const { issued, accepted } = state;
  if (call.f === 'release' || call.outcome !== 'ok') return state;
  const token = tokenOf(call);
  if (call.f === 'use') return token >= accepted && issued.includes(token) ? { issued, accepted: token } : undefined;
  return issued.every((other) => other < token) ? { issued: [...issued, token], accepted } : undefined;
}

export const fencedLockModel: ObjectModel<Fencing> = {
  name: 'fenced lock',
  noun: 'lock',
  operations: ['acquire', 'use', 'release'],
  init: () => ({ issued: [], accepted: -Infinity }),
  step,
  observes: (f) => f === 'release',
  byClient: false,
  verify,
  decide(spans) {
    const conflict = conflictIn(withoutDeadlines(spans));
    return conflict === undefined ? { status: 'held', steps: 0 } : { status: 'violated', steps: 0, conflict };
  },
  /** Without uses that may have been refused; open acquisitions matter when a token is used that nobody else was given. */
  trimmed(spans) {
    const given = new Set(
      spans.filter(({ required, source }) => required && source.f === 'acquire').map(({ source }) => tokenOf(source)),
    );
    const missing = spans.some(({ required, source }) => required && source.f === 'use' && !given.has(tokenOf(source)));
    return spans.filter(({ required, source }) => required || (missing && source.f === 'acquire'));
  },
  outputs: () => [],
  acceptor() {
    const issued = new Set<number>();
    let last = -Infinity;
    let accepted = -Infinity;
    return (call) => {
      if (call.f === 'release' || call.outcome !== 'ok') return true;
      const token = tokenOf(call);
      if (call.f === 'use') {
        if (token < accepted || !issued.has(token)) return false;
        accepted = token;
        return true;
      }
      if (token <= last) return false;
      issued.add(token);
      last = token;
      return true;
    };
  },
};

/** What is known of one token. */
interface Issue {
  readonly token: number;
  acquire: Span | undefined;
  readonly uses: Span[];
}

function conflictIn(spans: readonly Span[]): ObjectConflict | undefined {
  const issues = new Map<number, Issue>();
  const issueOf = (token: number): Issue => {
    const issue = issues.get(token) ?? { token, acquire: undefined, uses: [] };
    issues.set(token, issue);
    return issue;
  };
  const open: Span[] = [];
  for (const span of spans) {
    const { f } = span.source;
    if (f === 'acquire' && !span.required) open.push(span);
    if (!span.required || f === 'release') continue;
    const issue = issueOf(tokenOf(span.source));
    if (f === 'use') issue.uses.push(span);
    else if (issue.acquire !== undefined) return issuedTwice(issue.acquire, span);
    else issue.acquire = span;
  }
  let issued: Span | undefined;
  let used: Span | undefined;
  let next = 0;
  for (const { acquire: known, uses } of [...issues.values()].sort((a, b) => a.token - b.token)) {
    const acquire = known ?? open[next++];
    if (acquire === undefined) return neverIssued(uses[0] as Span);
    if (issued !== undefined && acquire.ret < issued.call) return issuedLate(issued, acquire);
    if (issued === undefined || acquire.call > issued.call) issued = acquire;
    const before = used;
    for (const use of uses) {
      if (use.ret < issued.call) return usedEarly(issued, use);
      if (before !== undefined && use.ret < before.call) return usedLate(before, use);
      if (used === undefined || use.call > used.call) used = use;
    }
  }
  return undefined;
}

const issuedTwice = (first: Span, second: Span): ObjectConflict => ({
  kind: 'issued-twice',
  steps: [first, second],
  sentence(words) {
    const [a, b] = first.ret < second.ret ? [first, second] : [second, first];
    return `${words.subject(b.source)} although ${words.subject(a.source)} too`;
  },
});

const neverIssued = (use: Span): ObjectConflict => ({
  kind: 'never-written',
  steps: [use],
  sentence: (words) => `${words.subject(use.source)}, but no acquisition that had begun can have returned that token`,
});

/** `acquire` returned a greater token than `issued`, and ended before that began. */
const issuedLate = (issued: Span, acquire: Span): ObjectConflict => ({
  kind: 'order',
  steps: [issued, acquire],
  sentence: (words) =>
    `${words.subject(issued.source)}, a smaller token than ${words.value(acquire.source.output)}; but ${words.ended(acquire.source, issued.source)}`,
});

const usedEarly = (issued: Span, use: Span): ObjectConflict => ({
  kind: 'read-before-write',
  steps: [issued, use],
  sentence: (words) =>
    `${words.subject(use.source)}, but its token can only have been issued later: ${words.named(issued.source)} was invoked at ${words.instant(issued.source.invokedAt)}`,
});

/** `use` showed a greater token than `before`, and ended before that began. */
const usedLate = (before: Span, use: Span): ObjectConflict => ({
  kind: 'stale-token',
  steps: [before, use],
  sentence: (words) =>
    `${words.subject(before.source)} although a greater token had been accepted: ${words.ended(use.source, before.source)}`,
});
