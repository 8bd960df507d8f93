/**
 * Which names a function's text takes from outside, and how it uses them. A scope analysis over the syntax tree: no regular
 * expression decides what a name means.
 *
 * Terms: a *free* name is bound nowhere inside the text. `this`, `arguments`, `new.target` and `super` are free where only arrows lie
 * between them and the text's own function, and that function is an arrow.
 */

import { declareLexical, declarePattern, hoist, hoistStatement } from "./declared-names.js";
import { type Context, literalKey, noFreeVariables, type Scope } from "./name-analysis.js";
import type { FreeVariables, NameUse, Span } from "./name-use.js";
import type { ParsedFunction } from "./parse-function.js";
import type { AnyNode, ClassNode, FunctionNode, IdentifierNode } from "./syntax.js";
import { childrenOf, isClassNode } from "./syntax.js";

/**
 * For a class its heritage, computed names, static initializers and static blocks do not count: they ran when the class was made,
 * and never run again.
 */
export function findFreeVariables(parsed: ParsedFunction): FreeVariables {
  return new Analysis(parsed).run();
}

class Analysis {
  readonly #parsed: ParsedFunction;
  readonly #found = noFreeVariables();
  #ownNameScope: Scope | undefined;
  #parameters: Scope | undefined;

  constructor(parsed: ParsedFunction) {
    this.#parsed = parsed;
  }

  run(): FreeVariables {
    const { node, kind } = this.#parsed;
    const outer: Scope = { names: new Set(), parent: undefined };
    const start: Context = {
      scope: outer,
      lexicalThis: kind === "arrow",
      ownSuper: kind !== "class",
      privates: new Set(),
    };
    if (isClassNode(node)) this.#class(node, start, true);
    else this.#function(node as FunctionNode, start, true);
    return this.#found;
  }

  #span(node: AnyNode): Span {
    return { start: node.start - this.#parsed.base, end: node.end - this.#parsed.base };
  }

  #use(node: IdentifierNode, context: Context, use: Omit<NameUse, "start" | "end">): void {
    const { name } = node;
    for (let scope: Scope | undefined = context.scope; scope !== undefined; scope = scope.parent) {
      if (!scope.names.has(name)) continue;
      if (scope === this.#ownNameScope) {
        this.#found.usesOwnName = true;
        if (use.access !== "read") this.#found.assignsOwnName = true;
      }
      if (scope === this.#parameters) addUse(this.#found.parameterUses, name, { ...this.#span(node), ...use });
      return;
    }
    if (name === "arguments") {
      if (context.lexicalThis) this.#found.argumentsUses.push(this.#span(node));
      return;
    }
    if (name === "eval" && use.called === true) this.#found.usesEval = true;
    addUse(this.#found.names, name, { ...this.#span(node), ...use });
  }

  #function(node: FunctionNode, context: Context, isRoot = false): void {
    const isArrow = node.type === "ArrowFunctionExpression";
    let parent = context.scope;
    if (node.type === "FunctionExpression" && node.id !== null) {
      parent = { names: new Set([node.id.name]), parent };
      if (isRoot) this.#ownNameScope = parent;
    }
    const scope: Scope = { names: new Set(), parent };
    if (!isArrow) scope.names.add("arguments");
    for (const param of node.params) declarePattern(param, scope.names);
    if (isRoot) this.#parameters = scope;
    const inner: Context = {
      scope,
      lexicalThis: isArrow && context.lexicalThis,
      ownSuper: context.ownSuper && (isArrow || isRoot),
      privates: context.privates,
    };
    // A body's variables are not seen by the parameters' default values, but no harm comes of one scope for both unless a name is
    // both free in a default value and declared in the body; that case gets a scope of its own.
    for (const param of node.params) this.#pattern(param, inner, "declare");
    if (node.body.type !== "BlockStatement") {
      this.#walk(node.body, inner);
      return;
    }
    const bodyScope: Scope = { names: new Set(), parent: scope };
    hoist(node.body, bodyScope.names);
    const body = { ...inner, scope: bodyScope };
    for (const statement of node.body["body"] as AnyNode[]) this.#walk(statement, body);
  }

  #class(node: ClassNode, context: Context, isRoot = false): void {
    const scope: Scope = { names: new Set(), parent: context.scope };
    if (node.id !== null) scope.names.add(node.id.name);
    if (isRoot && node.id !== null) this.#ownNameScope = scope;
    const privates = new Set(context.privates);
    for (const member of node.body.body) {
      const key = member["key"] as AnyNode | undefined;
      if (key?.type === "PrivateIdentifier") privates.add(key["name"] as string);
    }
    const outside: Context = { ...context, scope };
    if (node.superClass !== null && !isRoot) this.#walk(node.superClass, outside);
    const inside: Context = { scope, lexicalThis: false, ownSuper: false, privates };
    for (const member of node.body.body) {
      if (!isRoot) this.#classMember(member, { ...outside, privates }, inside);
      else if (member.type !== "StaticBlock" && !(member["static"] === true && member.type === "PropertyDefinition")) {
        this.#classMember({ ...member, computed: false }, outside, inside);
      }
    }
  }

  #classMember(member: AnyNode, outside: Context, inside: Context): void {
    if (member.type === "StaticBlock") {
      const scope: Scope = { names: new Set(), parent: inside.scope };
      for (const statement of member["body"] as AnyNode[]) hoistStatement(statement, scope.names);
      for (const statement of member["body"] as AnyNode[]) this.#walk(statement, { ...inside, scope });
      return;
    }
    if (member["computed"] === true) this.#walk(member["key"] as AnyNode, outside);
    const value = member["value"] as AnyNode | null;
    if (value !== null && value !== undefined) this.#walk(value, inside);
  }

  /** Walks a binding or assignment pattern. `declare`: its names are bound here, only defaults and computed keys are uses. */
  #pattern(node: AnyNode, context: Context, mode: "declare" | "assign"): void {
    switch (node.type) {
      case "Identifier":
        if (mode === "assign") this.#use(node as IdentifierNode, context, { access: "write" });
        return;
      case "MemberExpression":
        this.#member(node, context, true, false);
        return;
      case "AssignmentPattern":
        this.#pattern(node["left"] as AnyNode, context, mode);
        this.#walk(node["right"] as AnyNode, context);
        return;
      case "RestElement":
        this.#pattern(node["argument"] as AnyNode, context, mode);
        return;
      case "ArrayPattern":
        for (const element of node["elements"] as (AnyNode | null)[])
          if (element !== null) this.#pattern(element, context, mode);
        return;
      case "ObjectPattern":
        for (const property of node["properties"] as AnyNode[]) this.#patternProperty(property, context, mode);
        return;
      default:
        this.#walk(node, context);
    }
  }

  #patternProperty(property: AnyNode, context: Context, mode: "declare" | "assign"): void {
    if (property.type === "RestElement") {
      this.#pattern(property["argument"] as AnyNode, context, mode);
      return;
    }
    if (property["computed"] === true) this.#walk(property["key"] as AnyNode, context);
    const value = property["value"] as AnyNode;
    const target = value.type === "AssignmentPattern" ? (value["left"] as AnyNode) : value;
    if (property["shorthand"] === true && mode === "assign") {
      this.#use(target as IdentifierNode, context, { access: "write", shorthand: true });
      if (value.type === "AssignmentPattern") this.#walk(value["right"] as AnyNode, context);
      return;
    }
    this.#pattern(value, context, mode);
  }

  /** `a.b`, `a[b]`; `written`: it is assigned to or deleted. */
  #member(node: AnyNode, context: Context, written: boolean, called: boolean): void {
    const object = node["object"] as AnyNode;
    const property = node["property"] as AnyNode;
    const computed = node["computed"] === true;
    if (property.type === "PrivateIdentifier") this.#private(property["name"] as string, context);
    if (computed) this.#walk(property, context);
    if (object.type === "Super") {
      if (context.ownSuper) this.#found.superUses.push(this.#span(object));
      return;
    }
    if (object.type === "Identifier") {
      const member = computed ? literalKey(property) : (property["name"] as string);
      this.#use(object as IdentifierNode, context, {
        access: "read",
        ...(member === undefined ? {} : { member }),
        ...(called ? { memberCalled: true } : {}),
        ...(written ? { memberWritten: true } : {}),
      });
      return;
    }
    if (object.type === "MemberExpression") this.#member(object, context, written, false);
    else this.#walk(object, context);
  }

  #private(name: string, context: Context): void {
    if (!context.privates.has(name)) this.#found.privateNames.add(name);
  }

  #walk(node: AnyNode, context: Context): void {
    switch (node.type) {
      case "Identifier":
        this.#use(node as IdentifierNode, context, { access: "read" });
        return;
      case "ThisExpression":
        if (context.lexicalThis) this.#found.thisUses.push(this.#span(node));
        return;
      case "Super":
        if (context.ownSuper) this.#found.superUses.push(this.#span(node));
        return;
      case "MetaProperty":
        if ((node["meta"] as IdentifierNode).name === "import") this.#found.importMetas.push(this.#span(node));
        else if (context.lexicalThis) this.#found.newTargetUses.push(this.#span(node));
        return;
      case "ImportExpression":
        this.#found.dynamicImports.push({
          start: node.start - this.#parsed.base,
          end: node.start - this.#parsed.base + "import".length,
        });
        for (const child of childrenOf(node)) this.#walk(child, context);
        return;
      case "PrivateIdentifier":
        this.#private(node["name"] as string, context);
        return;
      case "FunctionExpression":
      case "FunctionDeclaration":
      case "ArrowFunctionExpression":
        this.#function(node as FunctionNode, context);
        return;
      case "ClassExpression":
      case "ClassDeclaration":
        this.#class(node as ClassNode, context);
        return;
      case "MemberExpression":
        this.#member(node, context, false, false);
        return;
      case "CallExpression":
      case "TaggedTemplateExpression":
      case "NewExpression":
        this.#call(node, context);
        return;
      case "UnaryExpression":
        this.#unary(node, context);
        return;
      case "UpdateExpression":
        this.#target(node["argument"] as AnyNode, context, "update");
        return;
      case "AssignmentExpression":
        this.#assignment(node, context);
        return;
      case "Property":
        this.#property(node, context);
        return;
      case "LabeledStatement":
        this.#walk(node["body"] as AnyNode, context);
        return;
      case "BreakStatement":
      case "ContinueStatement":
        return;
      default:
        this.#statement(node, context);
    }
  }

  #call(node: AnyNode, context: Context): void {
    const callee = (node.type === "TaggedTemplateExpression" ? node["tag"] : node["callee"]) as AnyNode;
    if (callee.type === "Identifier") this.#use(callee as IdentifierNode, context, { access: "read", called: true });
    else if (callee.type === "MemberExpression") this.#member(callee, context, false, node.type !== "NewExpression");
    else this.#walk(callee, context);
    for (const argument of (node["arguments"] as AnyNode[] | undefined) ?? []) this.#walk(argument, context);
    const quasi = node["quasi"] as AnyNode | undefined;
    if (quasi !== undefined) this.#walk(quasi, context);
  }

  #unary(node: AnyNode, context: Context): void {
    const argument = node["argument"] as AnyNode;
    if (node["operator"] === "typeof" && argument.type === "Identifier") {
      this.#use(argument as IdentifierNode, context, { access: "read", inTypeof: true });
    } else if (node["operator"] === "delete" && argument.type === "MemberExpression") {
      this.#member(argument, context, true, false);
    } else {
      this.#walk(argument, context);
    }
  }

  #assignment(node: AnyNode, context: Context): void {
    const left = node["left"] as AnyNode;
    if (node["operator"] === "=") {
      if (left.type === "Identifier") this.#use(left as IdentifierNode, context, { access: "write" });
      else this.#pattern(left, context, "assign");
    } else {
      this.#target(left, context, "update");
    }
    this.#walk(node["right"] as AnyNode, context);
  }

  #target(node: AnyNode, context: Context, access: "write" | "update"): void {
    if (node.type === "Identifier") this.#use(node as IdentifierNode, context, { access });
    else if (node.type === "MemberExpression") this.#member(node, context, true, false);
    else this.#pattern(node, context, "assign");
  }

  #property(node: AnyNode, context: Context): void {
    if (node["computed"] === true) this.#walk(node["key"] as AnyNode, context);
    const value = node["value"] as AnyNode;
    if (node["shorthand"] === true && value.type === "Identifier") {
      this.#use(value as IdentifierNode, context, { access: "read", shorthand: true });
      return;
    }
    // A method of a nested literal has a `super` of its own.
    const isMethod = node["method"] === true || node["kind"] === "get" || node["kind"] === "set";
    this.#walk(value, isMethod ? { ...context, ownSuper: false } : context);
  }

  #statement(node: AnyNode, context: Context): void {
    switch (node.type) {
      case "VariableDeclaration":
        for (const declarator of node["declarations"] as AnyNode[]) {
          this.#pattern(declarator["id"] as AnyNode, context, "declare");
          const init = declarator["init"] as AnyNode | null;
          if (init !== null) this.#walk(init, context);
        }
        return;
      case "BlockStatement":
      case "SwitchStatement":
        this.#block(node, context);
        return;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        this.#loop(node, context);
        return;
      case "CatchClause": {
        const scope: Scope = { names: new Set(), parent: context.scope };
        const param = node["param"] as AnyNode | null;
        if (param !== null) {
          declarePattern(param, scope.names);
          this.#pattern(param, { ...context, scope }, "declare");
        }
        this.#walk(node["body"] as AnyNode, { ...context, scope });
        return;
      }
      default:
        for (const child of childrenOf(node)) this.#walk(child, context);
    }
  }

  #block(node: AnyNode, context: Context): void {
    if (node.type === "SwitchStatement") this.#walk(node["discriminant"] as AnyNode, context);
    const scope: Scope = { names: new Set(), parent: context.scope };
    const cases = node.type === "SwitchStatement" ? (node["cases"] as AnyNode[]) : [];
    const statements =
      node.type === "SwitchStatement"
        ? cases.flatMap((item) => item["consequent"] as AnyNode[])
        : (node["body"] as AnyNode[]);
    for (const statement of statements) declareLexical(statement, scope.names);
    const inner = { ...context, scope };
    for (const item of cases) if (item["test"] !== null) this.#walk(item["test"] as AnyNode, inner);
    for (const statement of statements) this.#walk(statement, inner);
  }

  #loop(node: AnyNode, context: Context): void {
    const scope: Scope = { names: new Set(), parent: context.scope };
    const head = (node.type === "ForStatement" ? node["init"] : node["left"]) as AnyNode | null;
    const inner = { ...context, scope };
    if (head !== null) {
      declareLexical(head, scope.names);
      if (head.type === "VariableDeclaration" || node.type === "ForStatement") this.#walk(head, inner);
      else this.#target(head, inner, "write");
    }
    for (const field of ["test", "update", "right", "body"]) {
      const child = node[field] as AnyNode | null | undefined;
      if (child !== null && child !== undefined) this.#walk(child, inner);
    }
  }
}

function addUse(nameToUses: Map<string, NameUse[]>, name: string, use: NameUse): void {
  const uses = nameToUses.get(name);
  if (uses === undefined) nameToUses.set(name, [use]);
  else uses.push(use);
}
