import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { htmlReport, markdownReport, suiteIndex } from '../../reports/index.ts';
import type { NecessityRow } from '../../sim/search/necessity.ts';
import { bundlePage } from '../support/page-assets.ts';
import { base64 } from '../../reports/base64.ts';
import { contentSecurityPolicy } from '../../reports/csp.ts';
import { packTrace, unpackTrace } from '../../reports/trace-columns.ts';
import { VarintReader, VarintWriter } from '../../reports/varint.ts';
import { run, type RunResult, type Scenario } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import type { TraceData } from '../../sim/trace/trace.ts';
import { heldRun, staleRead } from '../support/register-result.ts';
import { busyTrace } from './busy-trace.ts';

const assets = { script: 'document.title = "</p>";', style: 'p { color: red }' };
const options = { assets, replayCommand: 'orrery run stale-register --seed seed-7' };
const result = (): RunResult => staleRead().result;
const page = htmlReport(result(), options);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
const contents = (document: string, tag: string): string[] =>
  [...document.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map((match) => match[1] as string);

describe('the policy', () => {
  test('hashes agree with known vectors and with another implementation', () => {
    expect(contentSecurityPolicy([''], ['abc'])).toContain(
      "script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; style-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='",
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) =>
        contentSecurityPolicy([text], []).includes(`script-src 'sha256-${sha256(text)}'; style-src 'none'`),
      ),
    );
  });

  test('admits exactly the script and the style of the page', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    expect(contents(page, 'script')).toEqual([assets.script]);
    expect(policy).toBe(
      `default-src 'none'; script-src 'sha256-${sha256(assets.script)}'; style-src 'sha256-${sha256(assets.style)}'; img-src data:; base-uri 'none'; form-action 'none'`,
    );
  });

  test('a script that would end its element is refused', () => {
    expect(() =>
      htmlReport(staleRead().result, { ...options, assets: { ...assets, script: 'x = "</script>"' } }),
    ).toThrow('</script');
    expect(() =>
      htmlReport(staleRead().result, { ...options, assets: { ...assets, style: 'p { content: "</style>" }' } }),
    ).toThrow('</style');
  });

  test('a suite index has no script at all', () => {
    const index = suiteIndex([{ result: heldRun(), replayCommand: 'x', page: 'a.html' }], { assets });
    expect(index).toContain("script-src 'none'");
    expect(index).not.toContain('<script');
  });
});

describe('the page', () => {
  test('says verdict, steps, faults, contradiction, checks and limits in plain HTML', () => {
    const text = page.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<[^>]*>/g, '');
    for (const part of [
      'c2 read x=old from n1, but x=new had been acknowledged 0.7 ms before this read began',
      'orrery run stale-register --seed seed-7',
      '0123456789abcdef',
      'n2 becomes primary while n1 still is',
      'had no effect',
      'c1 write x = new must come before c2 read x: real time',
      'Faults: 1 of 2 in force at the failure',
      'Not modelled',
      'Nothing was truncated',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('hostile names leave the same elements as harmless ones', () => {
    const tags = (document: string): string[] =>
      [...document.replace(/(<script type[^>]*>)[\s\S]*?(<\/script>)/g, '$1$2').matchAll(/<\/?[a-z][a-z0-9]*/g)].map(
        ([tag]) => tag,
      );
    for (const evil of [
      '</script><script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "'<!--",
      '\u202e\u0000\u2028',
    ]) {
      const attacked = htmlReport(staleRead((name) => name + evil).result, options);
      // Names change what counts as a leader, so the number of steps may differ: compare the kinds of elements.
      expect(new Set(tags(attacked))).toEqual(new Set(tags(page)));
      expect(attacked).not.toContain('<img');
      expect(contents(attacked, 'script')).toEqual([assets.script]);
      expect(attacked).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    }
  });

  test('the embedded repro is plain JSON that replay can read', () => {
    const repro = { scenario: '</script>', seed: '7' };
    const text = /<script[^>]*\bid="orrery-repro"[^>]*>([\s\S]*?)<\/script>/.exec(
      htmlReport(staleRead().result, { ...options, repro }),
    )?.[1];
    expect(JSON.parse(text ?? '')).toEqual(repro);
  });

  test('a run without a trace says so instead of showing an empty diagram', () => {
    const { trace: _trace, ...bare } = staleRead().result;
    const text = htmlReport(bare, options);
    expect(text).toContain('Not recorded');
    expect(text).not.toContain('<canvas');
  });

  test('a truncated trace is said loudly', () => {
    const { result } = staleRead();
    const text = htmlReport({ ...result, trace: { ...(result.trace as TraceData), omitted: 1234 } }, options);
    expect(text).toContain('The trace is truncated:</strong> 1,234 events did not fit');
  });

  test('what the failure needs is told in plain HTML and in Markdown', () => {
    const { result } = staleRead();
    const row = (id: string, without: NecessityRow['without']): NecessityRow => ({ id, text: id, fault: {}, without });
    const necessity = [row('F1', 'passes'), row('F2', 'still fails')];
    const text = htmlReport(result, { ...options, necessity }).replace(/<[^>]*>/g, '');
    expect(text).toContain('Faults: 1 of 2 is needed for this failure');
    expect(text).toContain('✗ still fails');
    const markdown = markdownReport({ result, replayCommand: 'x', necessity });
    expect(markdown).toContain('| at the failure | without it |');
    expect(markdown).toMatch(/\| F1 \|.*\| passes \|/);
    expect(page).not.toContain('without it');
  });

  test('a page with its simulator admits a worker of its own making, and one without says that it has none', () => {
    const repro = { scenario: 'x' };
    const able = htmlReport(result(), { ...options, repro, engine: { script: 'self.x = 1;', record: {} } });
    expect(able).toContain('; worker-src blob:; img-src data:');
    expect(able).toContain('id="engine"');
    expect(page).not.toContain('worker-src');
    expect(page).toContain('This page carries no simulator');
  });

  test('a page without a trace but with its simulator and compressed takes less than 130 kB beside the simulator', () => {
    const { trace: _trace, ...bare } = result();
    const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 9 });
    const engine = { script: 'self.x = 1;', record: {} };
    const document = htmlReport(bare, { ...options, assets: bundlePage(), repro: {}, engine, compress: gzip });
    expect(document.length).toBeLessThan(130_000);
    expect(document).toContain('<canvas');
  });

  test('a run that held says what held', () => {
    expect(htmlReport(heldRun(), options)).toContain(
      '2 checks held over 2 operations and 10 ms of virtual time, under 2 faults.',
    );
  });
});

describe('a suite', () => {
  test('puts what is not as expected first and links only to pages beside it', () => {
    const index = suiteIndex(
      [
        { result: { ...heldRun(), scenario: 'fine' }, replayCommand: 'x', page: 'fine.html' },
        { result: { ...staleRead().result, scenario: 'bad' }, replayCommand: 'x', page: 'javascript:alert(1)' },
        { scenario: 'broken', seed: '<s>', error: '<b>', replayCommand: 'x' },
      ],
      { assets },
    );
    expect(index.indexOf('bad')).toBeLessThan(index.indexOf('fine.html'));
    expect(index).toContain('href="fine.html"');
    expect(index).not.toContain('javascript:');
    expect(index).toContain('2 of 3 runs did not give the expected answer.');
  });
});

describe('embedded data', () => {
  test('every safe whole number comes back from its varint', () => {
    const whole = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
    fc.assert(
      fc.property(fc.array(whole), (numbers) => {
        const writer = new VarintWriter();
        for (const number of numbers) writer.write(number);
        const reader = new VarintReader(writer.finish());
        expect(numbers.map(() => reader.read())).toEqual(numbers);
      }),
    );
  });

  test('base64 agrees with another implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => base64(bytes) === Buffer.from(bytes).toString('base64')),
    );
  });

  test('a trace comes back as it was', () => {
    const trace = staleRead().result.trace as TraceData;
    const read = unpackTrace(packTrace(trace));
    for (const column of ['at', 'kind', 'node', 'peer', 'label', 'cause', 'sending'] as const)
      expect([...read[column]]).toEqual(trace[column]);
    expect(Object.fromEntries(read.detail)).toEqual(trace.detail);
    expect(read.strings).toEqual(trace.strings);
  });

  test('details come back whatever they hold', () => {
    const trace = staleRead().result.trace as TraceData;
    const piece = fc.oneof(
      fc.constantFrom(
        '{"a":',
        '-0',
        '0',
        '007',
        '12.050',
        '.5',
        '1e21',
        '12345678901234567890',
        '\u0000',
        '\u0001',
        '\u0002',
        ',',
      ),
      fc.integer().map(String),
      fc.double().map(String),
      fc.string(),
    );
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(fc.option(text), { minLength: 19, maxLength: 19 }), (texts) => {
        const detail = Object.fromEntries(texts.flatMap((one, i) => (one === null ? [] : [[i + 1, one]])));
        expect(Object.fromEntries(unpackTrace(packTrace({ ...trace, detail })).detail)).toEqual(detail);
      }),
    );
  });

  test('a real trace comes back as it was, in a quarter of its size as JSON', () => {
    const scenario = scenarios.find(({ name }) => name === 'lease-drift') as Scenario;
    const trace = run(scenario, { seed: scenario.seed, record: true }).trace as TraceData;
    const packed = packTrace(trace);
    const read = unpackTrace(packed);
    for (const column of ['at', 'kind', 'node', 'peer', 'label', 'cause', 'sending'] as const)
      expect([...read[column]]).toEqual(trace[column]);
    expect(Object.fromEntries(read.detail)).toEqual(trace.detail);
    const { patches: _patches, ...shown } = trace;
    expect(packed.columns.length + packed.texts.length).toBeLessThan(JSON.stringify(shown).length / 4);
  });

  test('21,000 messages take less than 450 kB', () => {
    const document = htmlReport(
      { ...staleRead().result, trace: busyTrace(21_000) },
      { ...options, compress: (bytes) => gzipSync(bytes) },
    );
    expect(document.length).toBeLessThan(450_000);
  });
});
