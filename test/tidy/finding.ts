/** What a tidy rule says: where, which rule, and what to do about it. */
import type { SourceModule } from './module.ts';

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  /** What is wrong and what to do. */
  readonly advice: string;
}

/** A rule looks at the whole tree and names what breaks it. */
export type Rule = (modules: readonly SourceModule[]) => readonly Finding[];

export const findingText = (finding: Finding): string =>
  `${finding.path}:${finding.line}: ${finding.rule}: ${finding.advice}`;
