/** The newest versions that a session has made or seen, as of each of its operations. */
import { INITIAL_LINE } from './session-versions.ts';
import type { Version, VersionedStep } from './session-versions.ts';

/** Of one key and one line: operations in order, each with the newest version up to it. */
interface Entry {
  readonly step: VersionedStep;
  readonly rank: number;
}

export class LatestSeen {
  /** By key and line. */
  private readonly lines = new Map<string, Entry[]>();
  /** By key: the first operation with a version that is not the initial one. */
  private readonly first = new Map<number, VersionedStep>();
  /** By key, line and rank: the first operation with that version. */
  private readonly exactly = new Map<string, VersionedStep>();

  static perClient(clients: number): LatestSeen[] {
    return Array.from({ length: clients }, () => new LatestSeen());
  }

  /** Notes the session's next operation. */
  note(step: VersionedStep, version: Version): void {
    const name = `${step.key} ${version.line} ${version.rank}`;
    if (!this.exactly.has(name)) this.exactly.set(name, step);
    if (version.line === INITIAL_LINE) return;
    if (!this.first.has(step.key)) this.first.set(step.key, step);
    const line = `${step.key} ${version.line}`;
    const entries = this.lines.get(line);
    if (entries === undefined) this.lines.set(line, [{ step, rank: version.rank }]);
    else if (version.rank > (entries.at(-1) as Entry).rank) entries.push({ step, rank: version.rank });
  }

  /** The first noted operation, of those before `limit` in the session, whose version is newer than `version`. */
  newerThan(key: number, version: Version, limit: number): VersionedStep | undefined {
    if (version.line === INITIAL_LINE) {
      const first = this.first.get(key);
      return first !== undefined && first.rank < limit ? first : undefined;
    }
    if (!version.settled) return undefined;
    const entries = this.lines.get(`${key} ${version.line}`) ?? [];
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle] as Entry).rank > version.rank) high = middle;
      else low = middle + 1;
    }
    const found = entries[low]?.step;
    return found !== undefined && found.rank < limit ? found : undefined;
  }

  /** The first noted operation with that very version, if it comes before `limit`. */
  with(key: number, version: Version, limit: number): VersionedStep | undefined {
    const step = this.exactly.get(`${key} ${version.line} ${version.rank}`);
    return step !== undefined && step.rank < limit ? step : undefined;
  }
}
