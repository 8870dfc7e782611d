/** JUnit XML, as CI systems read it: a test case per run; a run against its expectation is a failure. */
import { isAsExpected, isBroken, nameOf, type ReportEntry, seedOf } from './entry.ts';
import { headline } from './headline.ts';
import { escapeMarkup } from './markup.ts';
import { instant, window } from './quantity.ts';

/** XML 1.0 forbids these even as references. */
const xml = (text: string): string => escapeMarkup(text).replace(/[\ufffe\uffff]/g, '');

const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1000).toFixed(3);

export function junitReport(entries: readonly ReportEntry[], suite = 'orrery'): string {
  const failures = entries.filter((entry) => !isAsExpected(entry) && !isBroken(entry)).length;
  const errors = entries.filter(isBroken).length;
  const time = seconds(entries.reduce((sum, entry) => sum + (entry.elapsedMs ?? 0), 0));
  const counts = `tests="${entries.length}" failures="${failures}" errors="${errors}" time="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(suite)}" ${counts}>`,
    `  <testsuite name="${xml(suite)}" ${counts}>`,
    ...entries.map((entry) => testCase(entry, suite)),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

function testCase(entry: ReportEntry, suite: string): string {
  const lines = [
    `    <testcase name="${xml(nameOf(entry))}" classname="${xml(suite)}" time="${seconds(entry.elapsedMs)}">`,
  ];
  lines.push('      <properties>', property('seed', seedOf(entry)));
  if (!isBroken(entry)) {
    const { result } = entry;
    lines.push(property('digest', result.digest), property('status', result.status));
    lines.push(
      property('expectation', result.expectation.text),
      property('virtualTime', instant(result.engine.reached)),
    );
  }
  lines.push('      </properties>');
  if (!isAsExpected(entry)) lines.push(outcome(entry));
  lines.push('    </testcase>');
  return lines.join('\n');
}

const property = (name: string, value: string): string => `        <property name="${name}" value="${xml(value)}"/>`;

function outcome(entry: ReportEntry): string {
  if (isBroken(entry)) {
    return `      <error message="${xml(entry.error)}" type="error">${xml(`replay: ${entry.replayCommand}`)}</error>`;
  }
  const { result, replayCommand } = entry;
  const { sentence, verdict } = headline(result);
  const body = [
    result.expectation.why,
    ...(verdict === undefined ? [] : [`${verdict.check}: ${verdict.status}`]),
    sentence,
    ...result.faults.map(
      (fault) => `fault ${fault.id}: ${fault.text}, ${window(fault.at, fault.until)}, ${fault.effects} effects`,
    ),
    `seed: ${result.seed}`,
    `replay: ${replayCommand}`,
  ];
  return `      <failure message="${xml(sentence)}" type="${result.status}">${body.map(xml).join('\n')}</failure>`;
}
