/** The little that is needed of ESTree: nodes are read by field, so that syntax this file does not know is still walked. */

export interface AnyNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface IdentifierNode extends AnyNode {
  readonly name: string;
}

export interface FunctionNode extends AnyNode {
  readonly id: IdentifierNode | null;
  readonly params: readonly AnyNode[];
  readonly body: AnyNode;
  readonly async: boolean;
  readonly generator: boolean;
  /** An arrow's body is an expression. */
  readonly expression: boolean;
}

export interface ClassNode extends AnyNode {
  readonly id: IdentifierNode | null;
  readonly superClass: AnyNode | null;
  readonly body: AnyNode & { readonly body: readonly AnyNode[] };
}

export function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as AnyNode).type === "string";
}

/** All nodes directly below a node, in source order of their fields. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  for (const field of Object.keys(node)) {
    const value = node[field];
    if (isNode(value)) found.push(value);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) found.push(item);
  }
  return found;
}

export function isFunctionNode(node: AnyNode): node is FunctionNode {
  return (
    node.type === "FunctionExpression" || node.type === "FunctionDeclaration" || node.type === "ArrowFunctionExpression"
  );
}

export function isClassNode(node: AnyNode): node is ClassNode {
  return node.type === "ClassExpression" || node.type === "ClassDeclaration";
}
