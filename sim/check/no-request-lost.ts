/**
 * No request is lost while somebody could serve it: what redundancy promises.
 *
 * Of each role that a request needs (balancer, server) at least one node has to be up. Then every request ends ok, except those
 * that are in progress when a node of such a role goes, or within the time that the design takes to notice and to turn to
 * another one. What a crash, a pause or a loss of nodes does is judged; links that fail show in no node, and so are not excused.
 */
import { ConfigError } from '../base/errors.ts';
import { durationText, instantText, NEVER, parseDuration, type Duration, type Micros } from '../base/time.ts';
import type { Operation } from '../history/operation.ts';
import type { Check, CheckRun, NodeView, RunView } from './check.ts';
import type { Verdict } from './verdict.ts';

/** The check's name, by which a scenario can expect it to be violated. */
export const NO_REQUEST_LOST = 'no request is lost while somebody could serve it';

export interface NoRequestLostOptions {
  /** Roles that a request needs a node of. */
  readonly needs: readonly string[];
  /** How long after a node has gone, or after nobody was there, requests may still be lost. */
  readonly within: Duration;
  /** Default `no request is lost while somebody could serve it`. */
  readonly name?: string;
}

/** Requests in progress at some instant of it may be lost. */
interface Excuse {
  readonly from: Micros;
  to: Micros;
}

/** Throws ConfigError. */
export function noRequestLost({ needs, within, name = NO_REQUEST_LOST }: NoRequestLostOptions): Check {
  const grace = parseDuration(within, 'noRequestLost: within');
  if (needs.length === 0) throw new ConfigError('noRequestLost: needs', needs, 'at least one role');
  return {
    name,
    kind: 'history',
    promise: `while a ${needs.join(' and a ')} is up, every request ends ok, at the latest ${durationText(grace)} after one has gone`,
    // A pause shows at the next event of anybody.
    watches: (view) => view.nodes.map(({ id }) => id),
    begin: (view) => new Watch(view, needs, grace, name),
  };
}

class Watch implements CheckRun {
  private readonly view: RunView;
  private readonly grace: Micros;
  private readonly name: string;
  private readonly roles: readonly { readonly nodes: readonly NodeView[]; outage: Excuse | undefined }[];
  private readonly needed: readonly NodeView[];
  private readonly wasUp: boolean[];
  private readonly excuses: Excuse[] = [];

  constructor(view: RunView, needs: readonly string[], grace: Micros, name: string) {
    this.view = view;
    this.grace = grace;
    this.name = name;
    this.roles = needs.map((role) => ({ nodes: view.nodes.filter((node) => node.role === role), outage: undefined }));
    this.needed = this.roles.flatMap(({ nodes }) => nodes);
    this.wasUp = this.needed.map(() => true);
  }

  handled(): void {
    let changed = false;
    for (let i = 0; i < this.needed.length; i++) {
      const isUp = (this.needed[i] as NodeView).status === 'up';
      if (isUp === this.wasUp[i]) continue;
      this.wasUp[i] = isUp;
      changed = true;
      if (!isUp) this.excuses.push({ from: this.view.now, to: this.view.now + this.grace });
    }
    if (changed) this.judgeOutages();
  }

  private judgeOutages(): void {
    for (const role of this.roles) {
      const someoneUp = role.nodes.some(({ status }) => status === 'up');
      if (!someoneUp && role.outage === undefined) {
        role.outage = { from: this.view.now, to: NEVER };
        this.excuses.push(role.outage);
      } else if (someoneUp && role.outage !== undefined) {
        role.outage.to = this.view.now + this.grace;
        role.outage = undefined;
      }
    }
  }

  finish(): Verdict {
    this.handled();
    const base = { check: this.name, kind: 'history' } as const;
    const { operations } = this.view;
    const failed = operations.filter(({ outcome }) => outcome === 'fail' || outcome === 'info');
    const lost = failed.filter((op) => !this.isExcused(op));
    const [first] = lost;
    if (operations.length === 0) return { ...base, status: 'undecided', message: 'there was no request' };
    if (first === undefined) {
      const excused = failed.length === 0 ? '' : `, ${failed.length} lost while a node was going`;
      return { ...base, status: 'held', message: `${operations.length} requests${excused}` };
    }
    const up = this.needed.map(({ id }) => id).join(', ');
    const sentence = `${first.client} lost its ${f(first)} of ${instantText(first.invokedAt)}, although somebody could serve it (one of ${up}); ${lost.length} of ${operations.length} requests were lost so`;
    const witness = {
      sentence,
      at: first.completedAt,
      operations: lost.slice(0, 20).map(({ id }) => id),
      facts: { lost: lost.length, requests: operations.length },
    };
    return { ...base, status: 'violated', message: sentence, witness };
  }

  private isExcused({ invokedAt, completedAt }: Operation): boolean {
    return this.excuses.some(({ from, to }) => from <= completedAt && invokedAt <= to);
  }
}

const f = ({ f: name, id }: Operation): string => `${name} (#${id})`;
