/** One source file as the tidy rules see it: its text, its syntax tree, its imports and its exports. */
import { parse } from '@babel/parser';
import { type AstNode, childrenOf, isNode, nameOf, textOf } from './syntax.ts';

/** One way in which a file depends on another. */
export interface Import {
  readonly specifier: string;
  /** Path from the repository's root, for relative imports and for the package's own name; undefined for other packages. */
  readonly target: string | undefined;
  readonly line: number;
  /** `import type`: erased, so it is no dependency at run time. */
  readonly typeOnly: boolean;
  /** `import()`: resolved when it runs, so it closes no cycle. */
  readonly lazy: boolean;
  /** Exported names that are used; `*` for all of them. */
  readonly names: readonly string[];
}

export interface Export {
  readonly name: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

export interface SourceModule {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly program: AstNode;
  readonly comments: readonly AstNode[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

/** The package's own entries, for files that import it by name. */
const OWN_DOORS: Readonly<Record<string, string>> = {
  orrery: 'sim/index.ts',
  'orrery/models': 'models/index.ts',
  'orrery/scenarios': 'scenarios/index.ts',
  'orrery/reports': 'reports/index.ts',
};

/** Parses one file. Throws with the path and the line on a syntax error. */
export function parseModule(path: string, text: string): SourceModule {
  const file = parseText(path, text);
  const program = file['program'] as AstNode;
  const imports: Import[] = [];
  const exports: Export[] = [];
  for (const statement of program['body'] as AstNode[]) {
    imports.push(...staticImports(path, statement));
    exports.push(...exportsOf(statement));
  }
  collectNestedImports(path, program, imports);
  return { path, text, lines: text.split('\n'), program, comments: file['comments'] as AstNode[], imports, exports };
}

function parseText(path: string, text: string): AstNode {
  try {
    const typescript = ['typescript', { dts: path.endsWith('.d.ts') }] as const;
    return parse(text, { sourceType: 'module', plugins: [[...typescript]] }) as unknown as AstNode;
  } catch (error) {
    throw new Error(`${path}: cannot be parsed: ${(error as Error).message}`, { cause: error });
  }
}

function resolveTarget(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return OWN_DOORS[specifier];
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.length === 0 || parts.at(-1) === '..') parts.push('..');
      else parts.pop();
    } else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function importOf(
  path: string,
  at: AstNode,
  source: AstNode,
  rest: Pick<Import, 'typeOnly' | 'lazy' | 'names'>,
): Import {
  const specifier = textOf(source);
  return { specifier, target: resolveTarget(path, specifier), line: at.loc.start.line, ...rest };
}

function staticImports(path: string, statement: AstNode): Import[] {
  const source = statement['source'];
  if (!isNode(source)) return [];
  if (statement.type === 'ExportAllDeclaration') {
    return [
      importOf(path, statement, source, { typeOnly: statement['exportKind'] === 'type', lazy: false, names: ['*'] }),
    ];
  }
  const specifiers = statement['specifiers'] as AstNode[];
  if (statement.type === 'ExportNamedDeclaration') {
    const names = specifiers.map((item) => (isNode(item['local']) ? nameOf(item['local']) : '*'));
    return [importOf(path, statement, source, { typeOnly: statement['exportKind'] === 'type', lazy: false, names })];
  }
  if (statement.type !== 'ImportDeclaration') return [];
  const names = specifiers.map((item) => {
    if (item.type === 'ImportDefaultSpecifier') return 'default';
    return item.type === 'ImportSpecifier' ? nameOf(item['imported'] as AstNode) : '*';
  });
  // With verbatimModuleSyntax `import { type A } from` stays as a bare import, so only `import type` is erased.
  return [importOf(path, statement, source, { typeOnly: statement['importKind'] === 'type', lazy: false, names })];
}

function collectNestedImports(path: string, node: AstNode, found: Import[]): void {
  if (node.type === 'CallExpression' && (node['callee'] as AstNode).type === 'Import') {
    const [source] = node['arguments'] as AstNode[];
    if (source?.type === 'StringLiteral') {
      found.push(importOf(path, node, source, { typeOnly: false, lazy: true, names: ['*'] }));
    }
  }
  if (node.type === 'TSImportType' && isNode(node['argument'])) {
    found.push(importOf(path, node, node['argument'], { typeOnly: true, lazy: false, names: ['*'] }));
  }
  for (const child of childrenOf(node)) collectNestedImports(path, child, found);
}

function exportsOf(statement: AstNode): Export[] {
  const line = statement.loc.start.line;
  if (statement.type === 'ExportDefaultDeclaration') return [{ name: 'default', line, typeOnly: false }];
  if (statement.type !== 'ExportNamedDeclaration') return [];
  const typeOnly = statement['exportKind'] === 'type';
  const declaration = statement['declaration'];
  if (isNode(declaration)) return declaredNames(declaration).map((name) => ({ name, line, typeOnly }));
  return (statement['specifiers'] as AstNode[]).map((item) => ({
    name: nameOf(item['exported'] as AstNode),
    line: item.loc.start.line,
    typeOnly: typeOnly || item['exportKind'] === 'type',
  }));
}

function declaredNames(declaration: AstNode): string[] {
  if (isNode(declaration['id'])) return [nameOf(declaration['id'])];
  const declarators = (declaration['declarations'] ?? []) as AstNode[];
  return declarators.flatMap((item) => patternNames(item['id'] as AstNode));
}

/** The names that a binding pattern declares: `{ a, b: [c] }` gives a and c. */
export function patternNames(pattern: AstNode | null | undefined): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [nameOf(pattern)];
    case 'ObjectPattern':
      return (pattern['properties'] as AstNode[]).flatMap((item) =>
        patternNames((item.type === 'RestElement' ? item['argument'] : item['value']) as AstNode),
      );
    case 'ArrayPattern':
      return (pattern['elements'] as (AstNode | null)[]).flatMap(patternNames);
    case 'RestElement':
      return patternNames(pattern['argument'] as AstNode);
    case 'AssignmentPattern':
      return patternNames(pattern['left'] as AstNode);
    case 'TSParameterProperty':
      return patternNames(pattern['parameter'] as AstNode);
    default:
      return [];
  }
}
