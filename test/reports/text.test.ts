import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  githubReport,
  jsonReport,
  junitReport,
  markdownReport,
  textReport,
  type ReportEntry,
} from '../../reports/index.ts';
import { html, printable } from '../../reports/markup.ts';
import { length, window } from '../../reports/quantity.ts';
import { heldRun, staleRead } from '../support/register-result.ts';

const HOSTILE = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '\' & < > " ]]>',
  '\u202eevil\u2066',
  '\u001b[31mred\u0007',
  'a\nb\r\n::error::x',
  '%0A',
  '\ud800',
  '--> <!--',
  '`*_|#',
];
const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }), fc.string());

const entry = (suffix = ''): ReportEntry => ({
  result: staleRead((name) => name + suffix).result,
  replayCommand: `orrery run${suffix}`,
  elapsedMs: 12,
});
const broken: ReportEntry = {
  scenario: 'lost',
  seed: '1',
  error: 'livelock: time does not move on',
  replayCommand: 'orrery run lost',
};
const held: ReportEntry = { result: heldRun(), replayCommand: 'orrery run' };

/** The least that a parser asks of XML 1.0: legal characters, escaped text, tags that nest. */
function wellFormed(xml: string): boolean {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml)) return false;
  const open: string[] = [];
  const rest = xml
    .replace(/^<\?xml [^?]*\?>/, '')
    .replace(
      /<(\/?)([a-z]+)((?: [a-zA-Z]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#39);[^"<&]*)*")*)(\/?)>/g,
      (_, end: string, name: string, _attributes, empty: string) => {
        if (end !== '') return open.pop() === name ? '' : '<';
        if (empty === '') open.push(name);
        return '';
      },
    );
  return open.length === 0 && !/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(rest);
}

describe('foreign text', () => {
  test('printable text holds no control, no direction mark and no lone surrogate, whatever it is made of', () => {
    fc.assert(fc.property(hostile, (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(printable(text))));
  });

  test('ordinary text in any script is left as it is', () => {
    expect(printable('naïve 日本語 عربي 🙂')).toBe('naïve 日本語 عربي 🙂');
  });

  test('a template escapes its values and leaves markup that it made itself', () => {
    expect(html`<p>${'<b>&"'}${html`<i>${"'"}</i>`}</p>`.text).toBe('<p>&lt;b&gt;&amp;&quot;<i>&#39;</i></p>');
  });
});

describe('list', () => {
  test('one line per run, details only for what is not as expected, and a summary', () => {
    const text = textReport([held, entry(), broken]);
    expect(text).toContain('✓ stale-register  as expected (holds)');
    expect(text).toContain(
      '✗ stale-register  NOT as expected (holds)  violated: linearizable  10 ms  20 events  0123456789abcdef',
    );
    expect(text).toContain('c2 read x=old from n1, but x=new had been acknowledged 0.7 ms before this read began');
    expect(text).toContain('replay   orrery run');
    expect(text).toContain('had no effect');
    expect(text).toContain('3 runs: 1 as expected, 1 not as expected, 1 error');
    expect(text.split('✓ stale-register')[1]?.split('✗')[0]?.trim().split('\n').length).toBe(1);
  });

  test('colour goes through the paint that is given, around plain text', () => {
    const mark =
      (name: string) =>
      (text: string): string =>
        `<${name}>${text}</${name}>`;
    const paint = { good: mark('g'), bad: mark('b'), warn: mark('w'), dim: mark('d'), strong: mark('s') };
    expect(textReport([held], { paint })).toContain('<g>✓</g> <s>stale-register</s>');
  });

  test('no name can smuggle an escape sequence to a terminal', () => {
    const lines = textReport(HOSTILE.map(entry)).split('\n');
    expect(lines.filter((line) => /[\p{Cc}\p{Cf}\p{Cs}]/u.test(line))).toEqual([]);
  });
});

describe('json', () => {
  test('one document with a version, without traces unless they are asked for', () => {
    const document = JSON.parse(jsonReport([entry(), broken])) as {
      schemaVersion: number;
      summary: object;
      runs: { result?: { trace?: object; digest: string }; omitted?: { traceRows: number } }[];
    };
    expect(document.schemaVersion).toBe(1);
    expect(document.summary).toEqual({ runs: 2, asExpected: 0, errors: 1 });
    expect(document.runs[0]?.result?.trace).toBeUndefined();
    expect(document.runs[0]?.omitted?.traceRows).toBeGreaterThan(10);
    const full = JSON.parse(jsonReport([entry()], { traces: true })) as typeof document;
    expect(full.runs[0]?.result?.trace).toBeDefined();
  });
});

describe('junit', () => {
  test('counts tests, failures and errors', () => {
    const xml = junitReport([held, entry(), broken]);
    expect(xml).toContain('tests="3" failures="1" errors="1" time="0.012"');
    expect(xml).toContain('<error message="livelock: time does not move on"');
    expect(wellFormed(xml)).toBe(true);
  });

  test('is well formed whatever the names are', () => {
    fc.assert(
      fc.property(hostile, (text) => wellFormed(junitReport([entry(text), { ...broken, error: text }]))),
      { numRuns: 60 },
    );
  });
});

describe('github', () => {
  test('what is not as expected is an error, a fault without effect a warning, the rest is silent', () => {
    const lines = githubReport([entry()]).split('\n');
    expect(lines[0]).toBe(
      '::error title=stale-register%3A violated%3A linearizable::c2 read x=old from n1, but x=new had been acknowledged 0.7 ms before this read began%0Aseed seed-7%0Areplay: orrery run',
    );
    expect(lines[1]).toContain('::warning title=stale-register%3A faults without effect::');
    expect(githubReport([{ ...held, result: { ...heldRun(), faults: [] } }])).toBe('');
  });

  test('no text can begin a command of its own', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const lines = githubReport([entry(text), { ...broken, error: text }]).split('\n');
        return (
          lines.length === 3 &&
          lines.every((line) => /^::(error|warning) title=[^:]*::/.test(line) && !line.includes('\r'))
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('markdown', () => {
  test('holds the verdict, the steps, the faults, the contradiction and the events around the failure', () => {
    const { result } = staleRead();
    const text = markdownReport({ result, replayCommand: 'orrery run stale-register --seed seed-7' });
    expect(text).toContain('# violated: stale-register · linearizable');
    expect(text).toContain('1. 0.0020 s: F1: partition {n1,c2} \\| {n2,c1}');
    expect(text).toContain('- replay: `orrery run stale-register --seed seed-7`');
    expect(text).not.toMatch(/&\w+;/);
    expect(text).toContain('had no effect');
    expect(text).toContain('n1 ✗ n2  append DROPPED: partition');
  });

  test('no name can add markup', () => {
    const text = markdownReport({
      result: staleRead((name) => name + HOSTILE.join('')).result,
      replayCommand: HOSTILE.join(''),
    });
    const prose = text
      .split('\n')
      .filter((line) => !line.startsWith('    '))
      .join('\n')
      // A code span ends at the next run of exactly as many backticks; an escaped backtick begins none.
      .replace(/\\`/g, '')
      .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '');
    expect(prose).not.toMatch(/[<`]/);
  });
});

describe('quantities', () => {
  test('lengths use the unit that fits', () => {
    expect([0, 30, 1_250, 297_100, 2_500_000, 240_000_000].map(length)).toEqual([
      '0 µs',
      '30 µs',
      '1.25 ms',
      '297.1 ms',
      '2.5 s',
      '4 min',
    ]);
  });

  test('windows say when they do not end', () => {
    expect([window(4_800_000, 8_200_000), window(1, undefined)]).toEqual(['4.800–8.200 s', '0.000 s to the end']);
  });
});
