/** The parts of a page that tell of one run in plain HTML: written by the report, and written again by the page after a re-run. */
import type { RunResult } from '../sim/result.ts';
import type { NecessityRow } from '../sim/search/necessity.ts';
import { checksSection } from './html/checks-section.ts';
import { environmentSection } from './html/environment-section.ts';
import { faultsSection } from './html/faults-section.ts';
import { measuresSection } from './html/measures-section.ts';
import { operationsSection } from './html/operations-section.ts';
import { stepsSection } from './html/steps-section.ts';
import { missingRows } from './html/trace-sections.ts';
import { html, Markup } from './markup.ts';
import { stepsOf } from './steps.ts';

const PARTS = ['steps', 'faults', 'missing', 'measures', 'operations', 'checks', 'environment'] as const;
export type PartName = (typeof PARTS)[number];

/** Markup of every part, by name. */
export type Parts = Readonly<Record<PartName, string>>;

/** `necessity`: what becomes of the run without each fault, where that is known. */
export function partsOf(result: RunResult, necessity: readonly NecessityRow[] = []): Parts {
  const markup: Readonly<Record<PartName, Markup | string>> = {
    steps: stepsSection(result, stepsOf(result)),
    faults: faultsSection(result, necessity),
    missing: missingRows(result),
    measures: measuresSection(result),
    operations: operationsSection(result),
    checks: checksSection(result),
    environment: environmentSection(result),
  };
  const texts = PARTS.map((name) => [name, html`${markup[name]}`.text] as const);
  return Object.fromEntries(texts) as Record<PartName, string>;
}

/** A part in its place in the page, where the script finds it. */
export const placed = (parts: Parts, name: PartName): Markup =>
  html`<div class="part" data-part="${name}">${new Markup(parts[name])}</div>`;
