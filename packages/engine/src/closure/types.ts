/**
 * The contract between capture (driver) and revival (executors).
 *
 * A graph of values with functions and classes in it becomes an envelope: bytes. The driver reads captured variables through V8's
 * inspector; the envelope is revived where a task runs. Identity is kept inside one envelope: two functions that share one variable
 * share it after revival, the same object is the same object. Data that looks like a function never becomes one.
 */

/** What the driver's capture needs beyond the value. */
export interface CaptureOptions {
  /** What the value is for, for error messages: the operator's name and the user's call site. */
  readonly describe: (rootIndex: number) => {
    readonly operator: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  };
  /** Objects that both ends know (Volley's own classes, handles): travel by this name. */
  readonly known: (value: object) => string | undefined;
  /** A handle that stands in for a value (broadcast, accumulator): its data, revived by `ReviveHost.handle`. Throws a VolleyError for what must not be captured (RDDs, the context). */
  readonly handle: (value: object) => { readonly type: string; readonly data: unknown } | undefined;
  /** Takes the bytes of a large value for a block of its own and gives the block's number; undefined leaves them in the envelope. Not to be kept: the bytes may be the user's own memory. */
  readonly keepApart?: (bytes: Uint8Array) => number | undefined;
  /** The number of a class, for instances in rows. */
  readonly classId: (constructor: Function) => number;
}

/** What revival needs of its host. */
export interface ReviveHost {
  known(name: string): object;
  /** The value of a handle; `block` (BLOCK_HANDLE) with `{ id }` is what `keepApart` was given. */
  handle(type: string, data: unknown): object;
  /** `require` for a user's file: specifiers resolve from there. Synchronous, for builtins, CommonJS and ES modules without top-level await. */
  requireFrom(file: string): (specifier: string) => unknown;
  /** `import()` for a user's file. */
  importFrom(file: string): (specifier: string, options?: object) => Promise<unknown>;
  /** `import.meta.resolve` of a user's file. */
  resolveFrom(file: string): (specifier: string) => string;
  /** Compiles text so that stack traces name `file` at `line` and `column` (both 0-based offsets of the text's start). */
  compile(text: string, file: string, line: number, column: number): unknown;
  /** Called for every class that is revived, with the id that capture gave it. */
  registerClass(classId: number, constructor: Function): void;
}
