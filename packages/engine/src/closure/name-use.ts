/** What the analysis of a function's text says of the names that it takes from outside. */

/** Offsets are relative to the function's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface NameUse extends Span {
  /** `write` is assigned without being read. */
  readonly access: "read" | "write" | "update";
  /** Set for `name.member`, `name["member"]` and `name[0]`: which member is touched. */
  readonly member?: string | number;
  /** The member is called as a method of the name: `name.member(...)`. */
  readonly memberCalled?: boolean;
  /** The member (or something below it) is written: `name.member = 1`, `name[i]++`, `delete name.x`. */
  readonly memberWritten?: boolean;
  /** `{ name }`: the text must become `{ name: ... }` when it is replaced. */
  readonly shorthand?: boolean;
  /** Operand of typeof: no ReferenceError when it is unbound. */
  readonly inTypeof?: boolean;
  /** Called: `name(...)` or a tagged template. */
  readonly called?: boolean;
}

export interface FreeVariables {
  readonly names: ReadonlyMap<string, readonly NameUse[]>;
  readonly thisUses: readonly Span[];
  readonly argumentsUses: readonly Span[];
  readonly newTargetUses: readonly Span[];
  readonly superUses: readonly Span[];
  /** The word `import` of `import(...)`. */
  readonly dynamicImports: readonly Span[];
  readonly importMetas: readonly Span[];
  /** `#name`s that no class inside the text declares. */
  readonly privateNames: ReadonlySet<string>;
  /** The function's own name (of an expression or declaration) is used inside it. */
  readonly usesOwnName: boolean;
  readonly assignsOwnName: boolean;
  readonly usesEval: boolean;
  /** How each name that the parameters bind is used. */
  readonly parameterUses: ReadonlyMap<string, readonly NameUse[]>;
}
