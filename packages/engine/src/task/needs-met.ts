/** What the stage compiler left open until a task knows it: what captured names stand for (`codegen/vector-reads.ts`). */

import { constantsOf, readerParamsOf } from "../closure/captured-values.js";
import { TYPED_ARRAYS } from "../lib/typed-arrays.js";
import { isOwnVector } from "./vector-scratch.js";

/** A kind of need and a captured name; of a reader also which parameter it must only read. */
export type NeedText = readonly [kind: string, name: string, param?: number];

export function needsMet(f: Function, needs: readonly NeedText[]): boolean {
  return areMet(f, needs, 0);
}

/** Functions that call functions are followed so deep. */
const DEPTH_MAX = 5;

function areMet(f: Function, needs: readonly NeedText[], depth: number): boolean {
  return needs.every(([kind, name, param]) => {
    // Of vectors, not of names: a scratch asks for itself.
    if (kind === "plain") return depth === 0;
    const value = constantsOf(f, [name])?.[0];
    switch (kind) {
      case "number":
        return typeof value === "number";
      case "vector":
        return isOwnVector(value);
      case "reader":
        return depth < DEPTH_MAX && onlyReads(value, param ?? 0, depth + 1);
      case "global":
        return value === GLOBALS[name];
      default:
        return false;
    }
  });
}

function onlyReads(value: unknown, param: number, depth: number): boolean {
  if (typeof value !== "function") return false;
  const text = readerParamsOf(value);
  if (text === "") return false;
  const needs = (JSON.parse(text) as readonly (readonly NeedText[] | null)[])[param];
  return needs !== undefined && needs !== null && areMet(value, needs, depth);
}

/** As they were before any user's code ran. */
const GLOBALS: Readonly<Record<string, unknown>> = {
  Array,
  Boolean,
  JSON,
  Math,
  Number,
  String,
  ...Object.fromEntries(TYPED_ARRAYS.map((made) => [made.name, made])),
};
