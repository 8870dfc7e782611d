/** Rules: a file has at most 500 lines, a function at most 70. */
import type { Finding, Rule } from './finding.ts';
import { type AstNode, isFunction, nameOf, isNode, walk } from './syntax.ts';

export const MAX_FILE_LINES = 500;
export const MAX_FUNCTION_LINES = 70;

export const fileSizes: Rule = (modules) =>
  modules.flatMap(({ path, text, lines }) => {
    const count = text.endsWith('\n') ? lines.length - 1 : lines.length;
    if (count <= MAX_FILE_LINES) return [];
    const advice = `${count} lines, at most ${MAX_FILE_LINES}: split it, one public concept per file`;
    return [{ path, line: MAX_FILE_LINES + 1, rule: 'file size', advice }];
  });

export const functionSizes: Rule = (modules) =>
  modules.flatMap(({ path, program }) => {
    const findings: Finding[] = [];
    walk(program, (node, parent) => {
      if (!isFunction(node) || isGroupOfTests(node, parent)) return;
      const count = node.loc.end.line - node.loc.start.line + 1;
      if (count <= MAX_FUNCTION_LINES) return;
      const advice = `${functionName(node, parent)} has ${count} lines, at most ${MAX_FUNCTION_LINES}: split it`;
      findings.push({ path, line: node.loc.start.line, rule: 'function size', advice });
    });
    return findings;
  });

/** The body of `describe(name, () => …)` is a list, not a function that somebody has to follow. */
function isGroupOfTests(node: AstNode, parent: AstNode | undefined): boolean {
  if (parent?.type !== 'CallExpression' || !(parent['arguments'] as unknown[]).includes(node)) return false;
  let callee = parent['callee'] as AstNode;
  while (callee.type === 'CallExpression' || callee.type === 'MemberExpression') {
    callee = (callee.type === 'CallExpression' ? callee['callee'] : callee['object']) as AstNode;
  }
  return nameOf(callee).startsWith('describe');
}

function functionName(node: AstNode, parent: AstNode | undefined): string {
  const named = node['id'] ?? node['key'] ?? parent?.['id'] ?? parent?.['key'];
  return isNode(named) ? nameOf(named) : 'a function';
}
