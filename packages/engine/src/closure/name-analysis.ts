/** What the walk of `findFreeVariables` carries with it. */

import type { FreeVariables, NameUse } from "./name-use.js";
import type { AnyNode } from "./syntax.js";

/** Names that a block, function, class or loop binds. */
export interface Scope {
  readonly names: Set<string>;
  readonly parent: Scope | undefined;
}

/** A place inside the text: whose `this` it sees. */
export interface Context {
  readonly scope: Scope;
  /** Only arrows lie between here and the text's own (arrow) function. */
  readonly lexicalThis: boolean;
  /** Same for a text that is a method or function: `super` inside nested arrows belongs to the text's function. */
  readonly ownSuper: boolean;
  readonly privates: ReadonlySet<string>;
}

type Growing<T> =
  T extends ReadonlyMap<infer K, readonly (infer V)[]>
    ? Map<K, V[]>
    : T extends ReadonlySet<infer V>
      ? Set<V>
      : T extends readonly (infer V)[]
        ? V[]
        : T;

/** FreeVariables while they are being found. */
export type FoundVariables = { -readonly [Field in keyof FreeVariables]: Growing<FreeVariables[Field]> };

export function noFreeVariables(): FoundVariables {
  return {
    names: new Map<string, NameUse[]>(),
    thisUses: [],
    argumentsUses: [],
    newTargetUses: [],
    superUses: [],
    dynamicImports: [],
    importMetas: [],
    privateNames: new Set(),
    usesOwnName: false,
    assignsOwnName: false,
    usesEval: false,
    parameterUses: new Map<string, NameUse[]>(),
  };
}

/** The key that `object[node]` surely means. */
export function literalKey(node: AnyNode): string | number | undefined {
  if (node.type !== "Literal") return undefined;
  const value = node["value"];
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}
