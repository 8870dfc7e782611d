/** Finds the names in a file that refer to globals: used as a value or a type and declared nowhere around. */
import { patternNames } from './module.ts';
import { type AstNode, childrenOf, isNode, nameOf } from './syntax.ts';

/** A reference to a name that the file does not declare. */
export interface GlobalUse {
  readonly name: string;
  readonly node: AstNode;
  readonly parent: AstNode;
}

export function globalUses(program: AstNode): readonly GlobalUse[] {
  const found: GlobalUse[] = [];
  visit(program, program, [], found);
  return found;
}

function visit(node: AstNode, parent: AstNode, outer: readonly ReadonlySet<string>[], found: GlobalUse[]): void {
  const own = declaredBy(node);
  const scopes = own.size === 0 ? outer : [...outer, own];
  if (node.type === 'Identifier' && isReference(node, parent)) {
    const name = nameOf(node);
    if (!scopes.some((scope) => scope.has(name))) found.push({ name, node, parent });
  }
  for (const child of childrenOf(node)) visit(child, node, scopes, found);
}

/** Names that are visible below this node because of it: parameters, and the declarations of a block. */
function declaredBy(node: AstNode): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (more: readonly string[]): void => more.forEach((name) => names.add(name));
  for (const field of ['params', 'parameters']) {
    const list = node[field];
    if (Array.isArray(list)) add(list.flatMap((item) => (isNode(item) ? patternNames(item) : [])));
  }
  if (isNode(node['id']) && /^(Function|Class)Expression$/.test(node.type)) add([nameOf(node['id'])]);
  if (node.type === 'CatchClause') add(patternNames(node['param'] as AstNode | null));
  for (const field of ['init', 'left']) if (node.type.startsWith('For')) add(namesOfStatement(node[field]));
  const body =
    node.type === 'SwitchStatement' ? (node['cases'] as AstNode[]).flatMap((item) => item['consequent']) : node['body'];
  if (Array.isArray(body)) for (const statement of body) add(namesOfStatement(statement));
  return names;
}

function namesOfStatement(statement: unknown): string[] {
  if (!isNode(statement)) return [];
  switch (statement.type) {
    case 'VariableDeclaration':
      return (statement['declarations'] as AstNode[]).flatMap((item) => patternNames(item['id'] as AstNode));
    case 'ImportDeclaration':
      return (statement['specifiers'] as AstNode[]).map((item) => nameOf(item['local'] as AstNode));
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return namesOfStatement(statement['declaration']);
    default:
      return /Declaration$|DeclareFunction$/.test(statement.type) && isNode(statement['id'])
        ? [nameOf(statement['id'])]
        : [];
  }
}

/** Whether an identifier stands for a binding, and not for the name of a property, a label or an imported thing. */
function isReference(node: AstNode, parent: AstNode): boolean {
  switch (parent.type) {
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return parent['object'] === node || parent['computed'] === true;
    case 'ObjectProperty':
    case 'ObjectMethod':
    case 'ClassMethod':
    case 'ClassProperty':
    case 'ClassAccessorProperty':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
    case 'TSDeclareMethod':
      return parent['key'] !== node || parent['computed'] === true;
    case 'TSQualifiedName':
      return parent['left'] === node;
    case 'ExportSpecifier':
      return parent['local'] === node;
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'TSNamedTupleMember':
      return parent['label'] !== node;
    case 'ImportSpecifier':
    case 'MetaProperty':
      return false;
    default:
      return true;
  }
}
