/** The part of the task runtime that refuses what rows and functions must not be. The messages say what to do. */

import { VolleyError } from "../wire/errors.js";
import { mapsAfresh } from "./maps-afresh.js";

export class RowChecks {
  readonly mapsAfresh = mapsAfresh;

  fractionOf(fractions: { get(key: unknown): unknown }, key: unknown): number {
    const fraction = fractions.get(key);
    if (typeof fraction === "number" && fraction >= 0) return fraction;
    throw new VolleyError("INVALID_ARGUMENT", `sampleByKey has no fraction for the key ${describeKind(key)}`);
  }

  unequalZip(): never {
    throw new VolleyError("UNEQUAL_PARTITIONS", "can only zip RDDs with the same number of rows in each partition");
  }

  /** A partition that a user's partitioner gave, checked. */
  checkPartition(partition: unknown, numPartitions: number): number {
    if (Number.isInteger(partition) && (partition as number) >= 0 && (partition as number) < numPartitions)
      return partition as number;
    throw new VolleyError(
      "INVALID_PARTITIONER",
      `getPartition gave ${String(partition)}; it must give an integer from 0 to ${numPartitions - 1}`,
    );
  }

  notAPair(row: unknown): never {
    throw new VolleyError("NOT_A_PAIR", `a key-value operator needs rows [key, value], but met ${describeKind(row)}`);
  }

  notANumber(row: unknown): never {
    throw new VolleyError("NOT_A_NUMBER", `a numeric action needs numbers, but met ${describeKind(row)}`);
  }

  /** Refuses what only an async function gives. */
  noPromise(value: unknown): void {
    if (typeof value !== "object" || value === null || typeof (value as { then?: unknown }).then !== "function") return;
    throw new VolleyError(
      "PROMISE_IN_SYNC_FUNCTION",
      "the function returned a promise; use mapAsync, flatMapAsync, filterAsync or foreachAsync for asynchronous functions",
    );
  }

  /** The iterable that a flatMap's or mapPartitions' function gave, checked. */
  iterable(value: unknown): Iterable<unknown> {
    this.noPromise(value);
    if (
      value !== null &&
      value !== undefined &&
      typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function"
    ) {
      return value as Iterable<unknown>;
    }
    throw new VolleyError(
      "NOT_ITERABLE",
      `the function must return something to iterate over (an array, a Set, a generator, ...), but returned ${describeKind(value)}`,
    );
  }
}

function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return `an object of class ${value.constructor?.name ?? "null"}`;
  if (typeof value === "string")
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  return `the ${typeof value} ${String(value)}`;
}
