/** Rules: no notes to self, no tests that are switched off, no path that leads out of the repository. */
import type { Finding, Rule } from './finding.ts';
import { isProduct } from './rooms.ts';
import { type AstNode, nameOf, textOf, walk } from './syntax.ts';

export const notesToSelf: Rule = (modules) =>
  modules.flatMap(({ path, comments }) =>
    comments.flatMap((comment) =>
      textOf(comment)
        .split('\n')
        .flatMap((text, index) => {
          const note = /\b(FIXME|TODO|XXX)\b/.exec(text);
          if (note === null) return [];
          const advice = `${note[1]}: do it now, or say in plain words what is left out and why that is harmless`;
          return [{ path, line: comment.loc.start.line + index, rule: 'left-over', advice }];
        }),
    ),
  );

const RUNNERS: ReadonlySet<string> = new Set(['describe', 'test', 'it']);
const SWITCHES: ReadonlySet<string> = new Set(['only', 'skip', 'todo', 'failing']);
const SHORT_SWITCHES: ReadonlySet<string> = new Set(['fit', 'fdescribe', 'xit', 'xtest', 'xdescribe']);

export const switchedOffTests: Rule = (modules) =>
  modules
    .filter(({ path }) => path.startsWith('test/') && !path.startsWith('test/support/'))
    .flatMap(({ path, program }) => {
      const findings: Finding[] = [];
      walk(program, (node) => {
        const name = switchIn(node);
        if (name === undefined) return;
        const advice = `${name} switches tests off: remove it (what an absent folder or browser needs is in test/support/)`;
        findings.push({ path, line: node.loc.start.line, rule: 'switched-off test', advice });
      });
      return findings;
    });

function switchIn(node: AstNode): string | undefined {
  if (node.type === 'CallExpression') {
    const callee = node['callee'] as AstNode;
    return callee.type === 'Identifier' && SHORT_SWITCHES.has(nameOf(callee)) ? nameOf(callee) : undefined;
  }
  if (node.type !== 'MemberExpression' || node['computed'] === true) return undefined;
  const [object, property] = [node['object'] as AstNode, node['property'] as AstNode];
  if (object.type !== 'Identifier' || !RUNNERS.has(nameOf(object)) || !SWITCHES.has(nameOf(property))) return undefined;
  return `${nameOf(object)}.${nameOf(property)}`;
}

export const outsidePaths: Rule = (modules) =>
  modules
    .filter(({ path }) => isProduct(path))
    .flatMap(({ path, lines }) =>
      lines.flatMap((text, index) => {
        if (!/(\.\.|\/work)\/shared\b/.test(text)) return [];
        const advice = 'names a folder outside the repository: only test/support/ may, and skips where it is absent';
        return [{ path, line: index + 1, rule: 'outside path', advice }];
      }),
    );
