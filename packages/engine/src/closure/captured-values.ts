/** What revived functions have captured, for who puts a function's body in place of its call. */

interface Captured {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

const capturedByFunction = new WeakMap<Function, Captured>();

/** Functions that get some of what they capture after they are made. */
const lateFunctions = new WeakSet<Function>();

/** Functions that are surely strict code. */
const strictFunctions = new WeakSet<Function>();

const readerParamsByFunction = new WeakMap<Function, string>();

/** A captured variable that some function assigns to: all functions that capture it share one. */
export class Cell {
  v: unknown = undefined;
}

/**
 * The values of free names of a function, as they stand for as long as it lives: what it has captured, else the global of that name.
 * Undefined when one of them may change, or is not known.
 */
export function constantsOf(fn: Function, names: readonly string[]): readonly unknown[] | undefined {
  if (lateFunctions.has(fn) && names.length > 0) return undefined;
  const captured = capturedByFunction.get(fn);
  const values: unknown[] = [];
  for (const name of names) {
    const at = captured?.names.indexOf(name) ?? -1;
    if (at >= 0) values.push(captured?.values[at]);
    else if (name in globalThis) values.push((globalThis as Record<string, unknown>)[name]);
    else return undefined;
  }
  return values.some((value) => value instanceof Cell) ? undefined : values;
}

/** Whether a function is known to be strict code: writing to what is read-only throws there, and is ignored elsewhere. */
export function isStrict(fn: Function): boolean {
  return strictFunctions.has(fn);
}

/** Which parameters a function only reads, as `codegen/reader-params.ts` writes it. */
export function readerParamsOf(fn: Function): string {
  return readerParamsByFunction.get(fn) ?? "";
}

/** @internal Said of functions that only read some parameter. */
export function rememberReaderParams(fn: Function, text: string): void {
  readerParamsByFunction.set(fn, text);
}

/** @internal Said of functions that are strict code. */
export function rememberStrict(fn: Function): void {
  strictFunctions.add(fn);
}

/** @internal Said by revival for each function that it gives captured values. */
export function rememberCaptured(fn: Function, names: readonly string[], values: readonly unknown[]): void {
  capturedByFunction.set(fn, { names, values });
}

/** @internal Said of functions that get some of their values after they are made. */
export function rememberLate(fn: Function): void {
  lateFunctions.add(fn);
}
