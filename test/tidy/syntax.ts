/** The little of a syntax tree that the tidy rules need. */

export interface AstNode {
  readonly type: string;
  readonly loc: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
  readonly [field: string]: unknown;
}

export const isNode = (value: unknown): value is AstNode =>
  typeof value === 'object' && value !== null && typeof (value as AstNode).type === 'string' && 'loc' in value;

/** The nodes directly below, in source order of the fields; comments are not among them. */
export function* childrenOf(node: AstNode): Generator<AstNode> {
  for (const field of Object.keys(node)) {
    if (field.endsWith('omments')) continue;
    const value = node[field];
    if (isNode(value)) yield value;
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield item;
  }
}

/** The name of an identifier, or the text of a string that stands for one. */
export const nameOf = (node: AstNode): string => String(node['name'] ?? node['value'] ?? '');

/** The text of a string literal. */
export const textOf = (node: AstNode): string => String(node['value'] ?? '');

/** Calls `visit` for the node and for everything below it, with the parent. */
export function walk(
  node: AstNode,
  visit: (node: AstNode, parent: AstNode | undefined) => void,
  parent?: AstNode,
): void {
  visit(node, parent);
  for (const child of childrenOf(node)) walk(child, visit, node);
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ObjectMethod',
  'ClassMethod',
  'ClassPrivateMethod',
]);

export const isFunction = (node: AstNode): boolean => FUNCTIONS.has(node.type);
