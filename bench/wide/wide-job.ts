import type { VolleyContext } from "volley";
import type { DataSet } from "../kit/data-set.ts";

/** A short program with a shuffle or two, as a user of Volley would write it and as a good engineer would with arrays and a Map. Both must give the same. */
export interface WideJob {
  readonly name: string;
  /** Rows at scale 1. */
  readonly rows: number;
  volley(vc: VolleyContext, rows: number): Promise<unknown>;
  node(rows: number): unknown;
}

/** Input that is read from a file instead: made before the clock starts. */
export interface TextJob {
  readonly name: string;
  readonly dataSet: DataSet;
  volley(vc: VolleyContext, path: string): Promise<unknown>;
  node(path: string): unknown;
}

/** Puts a value under its key into a Map of arrays. */
export function addTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const values = groups.get(key);
  if (values === undefined) groups.set(key, [value]);
  else values.push(value);
}

/** Counts a key in a Map of counts. */
export function countIn<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

export function ascending(a: number, b: number): number {
  return a - b;
}

/** Strings by UTF-16 code unit, as Volley's default order. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
