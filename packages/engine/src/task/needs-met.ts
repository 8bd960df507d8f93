/** What the stage compiler left open until a task knows it: what captured names stand for (`codegen/vector-reads.ts`). */

import { constantsOf } from "../closure/captured-values.js";
import { isOwnVector } from "./vector-scratch.js";

/** A kind of need and a captured name; of a reader also which parameter it must only read. */
export type NeedText = readonly [kind: string, name: string, param?: number];

export function needsMet(f: Function, needs: readonly NeedText[]): boolean {
  return needs.every(([kind, name]) => {
    // Of vectors, not of names: a scratch asks for itself.
    if (kind === "plain") return true;
    const value = constantsOf(f, [name])?.[0];
    switch (kind) {
      case "number":
        return typeof value === "number";
      case "vector":
        return isOwnVector(value);
      case "global":
        return value === GLOBALS[name];
      default:
        return false;
    }
  });
}

/** As they were before any user's code ran. */
const GLOBALS: Readonly<Record<string, unknown>> = {
  Array,
  Boolean,
  JSON,
  Math,
  Number,
  String,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};
