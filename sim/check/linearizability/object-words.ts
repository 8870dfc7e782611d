/** Operations of any object in the words of the people who use it. */
import type { Operation } from '../../history/operation.ts';
import { Words } from './words.ts';

export class ObjectWords extends Words {
  /** `the queue`, or the object's key. */
  readonly object: string;
  private readonly on: string;

  /** `key`: '' when there is one object only. `operations`: those spoken of. */
  constructor(noun: string, key: string, operations: readonly Operation[]) {
    super(operations);
    this.object = key === '' ? `the ${noun}` : key;
    this.on = key === '' ? '' : ` on ${key}`;
  }

  /** `c1's enqueue of "a" on q`. */
  named(op: Operation): string {
    return `${op.client}'s ${op.f}${op.input === undefined ? '' : ` of ${this.value(op.input)}`}${this.on}`;
  }

  /** `c1's dequeue on q returned "a" (0.0100–0.0200 s)`. */
  subject(op: Operation): string {
    const what = op.output === undefined ? 'succeeded' : `returned ${this.value(op.output)}`;
    return `${this.named(op)} ${what} (${this.interval(op)})`;
  }

  /** `c1's enqueue of "a" had ended at 0.0200 s, before c2's enqueue of "b" was invoked at 0.0300 s`. */
  ended(before: Operation, after: Operation): string {
    return `${this.named(before)} had ended at ${this.instant(before.completedAt)}, before ${this.named(after)} was invoked at ${this.instant(after.invokedAt)}`;
  }
}
