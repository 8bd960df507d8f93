/** What capture knows of one function or class that travels by value. */

import type { ClassOutline } from "@volley/engine/closure/class-text.js";
import type { SpecialDescription } from "@volley/engine/closure/envelope-writer.js";
import type { FunctionAnalysis } from "@volley/engine/closure/facts.js";
import type { SourceMember } from "./class-nodes.js";
import type { GraphNode } from "./graph.js";
import type { FunctionImage, ScopeImage } from "./inspector.js";
import type { Script, TextPlace } from "./scripts.js";

/** A captured variable. */
export interface Binding {
  readonly name: string;
  /** Its value; for a variable in a cell, the stand-in of the cell. */
  value: unknown;
  /** Undefined for what is no variable (`this`, `import`). */
  readonly scope: VariableScope | undefined;
  /** The function assigns to it. */
  readonly isAssigned: boolean;
  isCell: boolean;
}

export interface VariableScope {
  readonly image: ScopeImage;
  /** Counted from the outermost: the same for all functions of one place in the source. */
  readonly height: number;
  readonly scriptId: string;
}

export interface FunctionCapture {
  readonly fn: Function;
  readonly text: string;
  readonly analysis: FunctionAnalysis;
  readonly image: FunctionImage | undefined;
  readonly script: Script | undefined;
  readonly place: TextPlace;
  readonly strict: boolean;
  readonly bindings: Binding[];
  dropOwnName: boolean;
  /** The object whose method it is, once that object has been met; only asked for where `super` is used. */
  home: object | undefined;
  /** Set when its class was met: it is made with the class. */
  member:
    | { readonly owner: Function; readonly key: PropertyKey; readonly which: number; readonly isStatic: boolean }
    | undefined;
  /** The class inside whose text it stands and whose private names it uses. */
  nestedIn: Function | undefined;
  /** It must be known as a class to rows. */
  isClass: boolean;
}

/** What describing a class needs beyond a function. */
export interface ClassDetails {
  readonly outline: ClassOutline;
  readonly members: readonly SourceMember[];
  readonly staticPrivates: readonly unknown[];
  /** Functions that must be made inside the class. */
  readonly nested: GraphNode[];
}

export interface FunctionExtras {
  readonly special: readonly SpecialDescription[];
  readonly prototype: object | null | undefined;
  readonly closed: number | undefined;
  readonly details: ClassDetails | undefined;
}
