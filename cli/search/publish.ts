/** Writes what a search found: the search file, its page and Markdown, and for each finding a repro and a page. */
import { basename, dirname, join } from 'node:path';
import { durationText, replay, type Finding, type Scenario } from '../../sim/index.ts';
import type { FindingEntry, SearchEntry } from '../../reports/index.ts';
import { commandFor, quoted, replayCommandFor } from '../command-text.ts';
import { writeWhole } from '../files.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import type { PageKind } from '../commands/shared-options.ts';
import { writePage, writeSearch } from '../pages.ts';
import { safe } from '../safe-name.ts';
import type { SearchFile } from './search-file.ts';

const SUFFIX = /(\.search)?\.json$/;

/** `path`: of the search file; the others go beside it. `one` absent: the scenario is not at hand, and findings get no pages. */
export function publish(file: SearchFile, path: string, one: LoadedScenario | undefined, kind: PageKind): SearchEntry {
  const folder = dirname(path);
  const name = `${basename(path).replace(SUFFIX, '')}.search`;
  const taken = new Set<string>();
  const findings = file.findings.map((finding) => {
    const base = freeName(`${file.scenario}-${safe(finding.seed)}`, taken);
    return publishFinding(finding, { folder, base, index: `${name}.html`, one, params: file.params, kind });
  });
  const { unexamined, determinism } = file;
  const entry: SearchEntry = {
    summary: file,
    findings,
    unexamined,
    ...(determinism === undefined ? {} : { determinism }),
  };
  writeWhole(path, `${JSON.stringify(file, null, 2)}\n`);
  writeSearch(folder, name, entry);
  return entry;
}

/** Without any file: the entry of a search that could not be published. The commands hold the faults, as drawn where only a repro tells the rest. */
export function unpublished(file: SearchFile, one: LoadedScenario | undefined): SearchEntry {
  const { unexamined, determinism, params } = file;
  return {
    summary: file,
    findings: file.findings.map((finding) => ({
      finding,
      replayCommand: runCommand(
        finding,
        JSON.stringify(finding.broken ? finding.schedule : finding.drawn),
        one,
        params,
      ),
    })),
    unexamined,
    ...(determinism === undefined ? {} : { determinism }),
  };
}

/** Two properties may fail in one run. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`;
  taken.add(free);
  return free;
}

interface Where {
  readonly folder: string;
  readonly base: string;
  /** Address of the search's page. */
  readonly index: string;
  readonly one: LoadedScenario | undefined;
  readonly params: SearchFile['params'];
  readonly kind: PageKind;
}

function publishFinding(finding: Finding, where: Where): FindingEntry {
  const { folder, base, index, one, kind } = where;
  const { repro } = finding;
  if (repro === undefined) return { finding, replayCommand: brokenCommand(finding, where) };
  const text = `${JSON.stringify(repro, null, 2)}\n`;
  const path = join(folder, `${base}.repro.json`);
  writeWhole(path, text);
  writeWhole(join(folder, 'last.repro.json'), text);
  const replayCommand = replayCommandFor(path);
  if (one === undefined) return { finding, replayCommand };
  const { result } = replay(one.scenario, repro);
  const page = writePage(folder, one, { result, replayCommand }, { name: base, index, kind, found: finding });
  return { finding, replayCommand, page, pagePath: join(folder, page) };
}

/** A run that breaks off has no result, and so no repro: its seed, its parameters and its schedule, as they were minimised. */
function brokenCommand(finding: Finding, { folder, base, one, params }: Where): string {
  const path = join(folder, `${base}.faults.json`);
  writeWhole(path, `${JSON.stringify(finding.schedule, null, 2)}\n`);
  return runCommand(finding, path, one, params);
}

/** `faults`: a path, or JSON. `asked`: parameters of the search. */
function runCommand(
  { seed: drawn, broken }: Finding,
  faults: string,
  one: LoadedScenario | undefined,
  asked: SearchFile['params'],
): string {
  const { seed, params } = broken ?? { seed: drawn, params: asked };
  if (one === undefined) return `orrery run … --seed ${seed} --faults ${quoted(faults)}`;
  return commandFor(one, { seed, params: paramWords(one.scenario, params), faults });
}

/** Parameters that are not as by default, as words of a command line. */
function paramWords(
  { params: specs }: Scenario,
  params: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const words: Record<string, string> = {};
  for (const [name, { kind, default: usual }] of Object.entries(specs)) {
    const value = params[name];
    if (value !== usual) words[name] = kind === 'duration' ? durationText(value as number) : String(value);
  }
  return words;
}
