/** A violation of a register in the words of the people who use it: clients, values, instants. */
import type { Operation } from '../../history/operation.ts';
import type { Evidence } from './register-evidence.ts';
import { casArguments } from './register-step.ts';
import type { RegisterStep, ValueNumbers } from './register-step.ts';
import { Words } from './words.ts';

/** Writes about the operations of one register. */
export class RegisterWords extends Words {
  private readonly key: string;
  private readonly values: ValueNumbers;

  /** `key`: '' when there is one register only. `operations`: those spoken of; they decide how exact instants must be. */
  constructor(key: string, values: ValueNumbers, operations: readonly Operation[]) {
    super(operations);
    this.key = key;
    this.values = values;
  }

  /** The register's name. */
  get register(): string {
    return this.key === '' ? 'the register' : this.key;
  }

  numbered(value: number): string {
    return this.value(this.values.valueOf(value));
  }

  /** `x=5`, or `5` when there is one register only. */
  assigned(value: number): string {
    return this.key === '' ? this.numbered(value) : `${this.key}=${this.numbered(value)}`;
  }

  /** `c1's write of x=5`, `c2's compare-and-set of x from 5 to 7`, `c3's read of x=7`. */
  named(op: Operation): string {
    if (op.f === 'cas') {
      const [from, to] = casArguments(op);
      return `${op.client}'s compare-and-set of ${this.register} from ${this.value(from)} to ${this.value(to)}`;
    }
    const shown = this.value(op.f === 'write' ? op.input : op.output);
    return `${op.client}'s ${op.f} of ${this.key === '' ? shown : `${this.key}=${shown}`}`;
  }

  /** What the culprit did, as the beginning of the sentence. */
  subject(culprit: RegisterStep): string {
    const op = culprit.source;
    if (op.f === 'read') return `${op.client} read ${this.assigned(culprit.from)} (${this.interval(op)})`;
    return `${this.named(op)} ${culprit.kind === 'mismatch' ? 'was refused' : 'succeeded'} (${this.interval(op)})`;
  }

  /** A step that ended, and showed its value: `x=5 had been acknowledged to c1 at 6.4177 s`. */
  private ended(step: RegisterStep): string {
    const op = step.source;
    if (step.kind === 'write')
      return `${this.assigned(step.to)} had been acknowledged to ${op.client} at ${this.instant(op.completedAt)}`;
    if (op.f === 'read') return `${op.client} had read ${this.assigned(step.from)} by ${this.instant(op.completedAt)}`;
    return `${this.named(op)} had been acknowledged at ${this.instant(op.completedAt)}`;
  }

  sentence(culprit: RegisterStep, evidence: Evidence, legal: readonly number[]): string {
    const subject = this.subject(culprit);
    const ending = this.ending(legal);
    switch (evidence.kind) {
      case 'never-written':
        return `${subject}, but nobody had written ${this.assigned(culprit.from)}${ending}`;
      case 'aborted-read':
        return `${subject} although ${this.named(evidence.writer)} failed${this.errorOf(evidence.writer)} and nothing else wrote it${ending}`;
      case 'read-before-write':
        return `${subject} although ${this.named(evidence.writer)} was invoked only at ${this.instant(evidence.writer.invokedAt)}, after that${ending}`;
      case 'lost-cas':
        return `${subject} although ${this.replacing(culprit, evidence.cas)}; ${this.once(culprit)}`;
      default:
        return this.stale(culprit, evidence, subject);
    }
  }

  /** For what fits no pattern: how much was tried, and what would have been legal. */
  unexplained(culprit: RegisterStep, core: number, legal: readonly number[]): string {
    if (culprit.kind === 'mismatch')
      return `${this.subject(culprit)} although nothing but ${this.assigned(culprit.from)} was possible there`;
    const tried = core === 1 ? 'but that cannot be' : `but no order of the ${core} operations shown explains it`;
    return `${this.subject(culprit)}, ${tried}${this.ending(legal)}`;
  }

  private stale(culprit: RegisterStep, evidence: Extract<Evidence, { newer: RegisterStep }>, subject: string): string {
    const { newer, last, older, all } = evidence;
    const began = culprit.source.f === 'read' ? 'before this read began' : 'before this compare-and-set began';
    const first = `${subject} although ${this.ended(newer)}, ${began}`;
    if (older === undefined) return `${first}; ${this.assigned(culprit.from)} is only the initial value`;
    const proof = all
      ? `the last write of ${this.assigned(culprit.from)} had ended at ${this.instant(older.source.completedAt)}`
      : this.ended(older);
    const what =
      last !== newer
        ? this.named(last.source)
        : newer.kind === 'write'
          ? 'that write'
          : newer.kind === 'read'
            ? 'that read'
            : 'that';
    return `${first}; ${proof}, before ${what} was invoked at ${this.instant(last.source.invokedAt)}`;
  }

  private replacing(culprit: RegisterStep, cas: RegisterStep): string {
    const when =
      culprit.kind === 'read'
        ? `had been acknowledged at ${this.instant(cas.source.completedAt)}, before this read began`
        : null;
    return `${this.named(cas.source)} ${when ?? `had succeeded too (${this.interval(cas.source)})`}`;
  }

  private once(culprit: RegisterStep): string {
    const value = this.numbered(culprit.from);
    return culprit.from === 0
      ? `${value} was the initial value and never written again`
      : `${value} was written only once`;
  }

  private ending(legal: readonly number[]): string {
    if (legal.length === 0) return '';
    return `; ${this.register} could only be ${legal.map((value) => this.numbered(value)).join(' or ')} there`;
  }

  private errorOf(op: Operation): string {
    const code = op.error ?? op.output;
    return code === undefined ? '' : ` (${typeof code === 'string' ? code : this.value(code)})`;
  }
}
