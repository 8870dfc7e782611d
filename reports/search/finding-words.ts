/** The parts of a finding in words that text, Markdown and page share. */
import type { Divergence } from '../../sim/search/determinism.ts';
import type { NecessityRow } from '../../sim/search/necessity.ts';
import type { Finding, SearchSummary } from '../../sim/search/summary.ts';
import { counted, instant, length } from '../quantity.ts';

/** `4.8s for 1.2s`, `4.8s to the end`: times as the schedule has them. */
export function whenText({ fault }: NecessityRow): string {
  const [at, lasting] = [fault['at'], fault['for']];
  return lasting === undefined ? `at ${String(at)}` : `at ${String(at)} for ${String(lasting)}`;
}

/** `1/15`; when it was made small under another seed, both. */
export const seedText = ({ seed, repro }: Finding): string =>
  repro === undefined || repro.seed === seed ? seed : `${seed} (made small under ${repro.seed})`;

/** `6 → 2`. */
export const shrinkText = ({ drawn, schedule }: Finding): string => `${drawn.length} → ${schedule.length}`;

export const withoutText = ({ without }: NecessityRow): string => `without it: ${without}`;

/** `4.8720 s`, or that the run did not get so far. */
export const momentText = ({ at }: Finding): string => (at === undefined ? 'broke off' : `at ${instant(at)}`);

/** Runs that `minimising.runs` counts beside those of the minimiser: one to see the failure again, two to verify the result. */
const BESIDE = 3;

/** Undefined: it got as small as it can, or nobody asked for it to. */
export function endedText({ minimising: { ended, runs } }: Finding): string | undefined {
  if (ended === 'done') return undefined;
  if (runs <= BESIDE && ended === 'stopped') return 'interrupted before it was minimised: it may get smaller';
  if (runs <= BESIDE) return undefined;
  if (ended === 'stopped') return `minimising was interrupted after ${counted(runs, 'run')}: it may get smaller`;
  return `minimising used up its budget (${counted(runs, 'run')}, with those that verify the result): it may get smaller`;
}

/** `20 schedules: 11 held, 9 violated`. */
export function countsText({ schedules, held, violated, undecided, broke }: SearchSummary): string {
  const parts = [
    held > 0 ? `${held} held` : '',
    violated > 0 ? `${violated} violated` : '',
    undecided > 0 ? `${undecided} undecided` : '',
    broke > 0 ? `${broke} broke off` : '',
  ].filter((part) => part !== '');
  return `${counted(schedules, 'schedule')}: ${parts.join(', ') || 'nothing ran'}`;
}

/** `2 distinct failures`, `10 min virtual`, `412 runs to look into failures`. */
export const workTexts = ({ findings, virtualTime, extraRuns }: SearchSummary): string[] => [
  findings.length === 0 ? 'no failure' : counted(findings.length, 'distinct failure'),
  `${length(virtualTime)} virtual`,
  ...(extraRuns === 0 ? [] : [`${counted(extraRuns, 'run')} to look into failures`]),
];

/** `clock on client (idle)`. */
export const gapTexts = ({ gaps }: SearchSummary): string[] =>
  gaps.cells.map(({ family, role, phase }) => `${family} on ${role}${phase === '' ? '' : ` (${phase})`}`);

/** `crash 3 of 12`: planned faults that changed nothing, by kind. */
export const idleFaultTexts = ({ coverage }: SearchSummary): string[] =>
  Object.entries(coverage.faults).flatMap(([kind, { planned, ineffective }]) =>
    ineffective === 0 ? [] : [`${kind} ${ineffective} of ${planned}`],
  );

export function divergenceText(divergence: Divergence): readonly string[] {
  if (divergence.kind === 'outcome')
    return [`${divergence.part} differs`, `worn worker   ${divergence.first}`, `fresh worker  ${divergence.second}`];
  const { row, first, second } = divergence;
  const side = (event: typeof first): string =>
    event === undefined ? 'had ended' : `${instant(event.at)}  ${event.text}`;
  return [`event ${row} is the first that differs`, `worn worker   ${side(first)}`, `fresh worker  ${side(second)}`];
}
