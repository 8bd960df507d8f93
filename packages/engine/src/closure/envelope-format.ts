/**
 * The envelope: a graph of values as bytes.
 *
 * Every object, function and symbol is a *node*; primitives stand inline in *slots*. Nodes are numbered in an order in which they can be
 * made: whatever a node must have when it is made (a class its parent, an instance its prototype, a function its constants) has a
 * smaller number. Where that cannot be (functions that know each other), the function takes the value later, through a setter.
 *
 * Layout: magic, strings, templates, nodes (records), offsets of the records, root slots. To change it: bump MAGIC, nothing is kept on disk.
 */

export const MAGIC = 0x34_45_4c_56;

export const SLOT = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  int: 4,
  negativeInt: 5,
  double: 6,
  string: 7,
  text: 8,
  bigint: 9,
  node: 10,
  /** An array's hole. */
  hole: 11,
} as const;

export const NODE = {
  object: 1,
  array: 2,
  date: 3,
  regexp: 4,
  map: 5,
  set: 6,
  error: 7,
  boxed: 8,
  buffer: 9,
  view: 10,
  symbol: 11,
  global: 12,
  symbolFor: 13,
  module: 14,
  known: 15,
  handle: 16,
  function: 17,
  class: 18,
  member: 19,
  prototypeOf: 20,
  bound: 21,
  weakMap: 22,
  weakSet: 23,
  weakRef: 24,
  require: 25,
  importer: 26,
  importMeta: 27,
  cell: 28,
  construct: 29,
  sparseArray: 30,
  nested: 31,
  numbers: 32,
  plain: 33,
  part: 34,
  called: 35,
} as const;

export type NodeKind = (typeof NODE)[keyof typeof NODE];

/** Kinds whose records hold bytes behind the slots: in the envelope or, where they are many, in a block of their own. */
export function hasBytes(kind: NodeKind): boolean {
  return kind === NODE.buffer || kind === NODE.numbers || kind === NODE.plain;
}

/** Where a record's bytes are. */
export const BYTES = { here: 0, block: 1 } as const;

/** The type of handle by which revival asks its host for a block's bytes: data `{ id }`, answer a Uint8Array that nobody writes to. */
export const BLOCK_HANDLE = "block";

/** Bits of a property's attributes. */
export const ATTRIBUTE = { writable: 1, enumerable: 2, configurable: 4, accessor: 8 } as const;
/** A property made by assignment. */
export const ATTRIBUTE_PLAIN = 7;

/** Bits that say which parts follow a record's own. */
export const PART = { prototype: 1, plain: 2, special: 4, privates: 8, closed: 16 } as const;

/** How an object is closed to changes. */
export const CLOSED = { notExtensible: 1, sealed: 2, frozen: 3 } as const;

/** Which function of a class's member. */
export const MEMBER = { value: 0, get: 1, set: 2 } as const;

/** A function's or class's factory: compiled once for all functions of one text and place. */
export interface Template {
  /** An expression: `(k, helper) => (x => x * k + helper(x))`. */
  readonly text: string;
  /** As V8 names the script: a path or a URL. */
  readonly file: string;
  /** 0-based place of the factory's first character, so that the function's own text has its true place; the column may be negative. */
  readonly line: number;
  readonly column: number;
  /** Names of the values that the factory takes, then those that it takes later. */
  readonly names: readonly string[];
  /** How many of `names`, at the end, are taken later. */
  readonly lateCount: number;
  /** `class`: the factory gives a ClassImage; `function`: the function, or [function, setLate]. */
  readonly kind: "function" | "class";
  /** The function's own text inside `text`. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Which parameters the function only reads (`codegen/reader-params.ts`). */
  readonly readerParams: string;
  /** It assigns to nothing that it captures: what it remembers from call to call lies elsewhere. */
  readonly assignsNothing: boolean;
}

/** What a class's factory gives. */
export interface ClassImage {
  readonly made: Function;
  /** Hands in the values that did not exist when the class was made. */
  readonly setLate?: (values: readonly unknown[]) => void;
  /** Its instances carry something private: fields, methods or accessors. */
  readonly stamps: boolean;
  /** Set while instances are remade: constructors return at once, initializers are skipped. */
  readonly quiet?: { on: boolean };
  /** Sets the private fields that this class declares. */
  readonly setPrivate?: (instance: object, values: readonly unknown[]) => void;
  /** The private fields that this class declares: their names (with the `#`), and the values of an instance. */
  readonly privateNames: readonly string[];
  readonly getPrivate?: (instance: object) => unknown[];
  /** Factories of functions that stand inside the class's text and use its private names. */
  readonly nested?: readonly ((...values: readonly unknown[]) => unknown)[];
  readonly setStaticPrivate?: (values: readonly unknown[]) => void;
}
