/** Writes what an exploration of orders found: its file, its page and Markdown, and for each finding a repro and a page. */
import { basename, dirname, join } from 'node:path';
import { replay, type OrderFinding } from '../../sim/index.ts';
import type { OrderEntry, OrderFindingEntry } from '../../reports/index.ts';
import { replayCommandFor } from '../command-text.ts';
import { writeWhole } from '../files.ts';
import type { PageKind } from '../commands/shared-options.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import { writeOrders, writePage } from '../pages.ts';
import type { OrderFile } from './order-file.ts';

/** `path`: of the file; the others go beside it. */
export function publishOrders(file: OrderFile, path: string, one: LoadedScenario, kind: PageKind): OrderEntry {
  const folder = dirname(path);
  const name = basename(path).replace(/\.json$/, '');
  const findings = file.findings.map((finding, i) =>
    publishFinding(finding, { folder, name: `${name}-${i + 1}`, index: `${name}.html`, one, kind }),
  );
  const entry: OrderEntry = { summary: file, findings };
  writeWhole(path, `${JSON.stringify(file, null, 2)}\n`);
  writeOrders(folder, name, entry);
  return entry;
}

interface Where {
  readonly folder: string;
  readonly name: string;
  readonly index: string;
  readonly one: LoadedScenario;
  readonly kind: PageKind;
}

/** A run that breaks off has no result, and so neither repro nor page. */
function publishFinding(finding: OrderFinding, { folder, name, index, one, kind }: Where): OrderFindingEntry {
  const { repro } = finding;
  if (repro === undefined) return { finding };
  const text = `${JSON.stringify(repro, null, 2)}\n`;
  const path = join(folder, `${name}.repro.json`);
  writeWhole(path, text);
  writeWhole(join(folder, 'last.repro.json'), text);
  const replayCommand = replayCommandFor(path);
  const { result } = replay(one.scenario, repro);
  const page = writePage(folder, one, { result, replayCommand }, { name, index, kind });
  return { finding, replayCommand, page, pagePath: join(folder, page) };
}
