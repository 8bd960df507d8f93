/** Checks of arguments at the call, so that a mistake is reported at the user's line and not by a task. */

import { type ErrorCode, VolleyError } from "../wire/errors.js";
import type { CallSite } from "./call-site.js";
import { Partitioner } from "./partitioner.js";
import type { RddBase } from "./rdd-base.js";
import { refusedAt } from "./refused-at.js";

export function refuse(message: string, code: ErrorCode = "INVALID_ARGUMENT"): never {
  throw new VolleyError(code, message);
}

/** Refuses what comes to light only after a job, at the line of the action. */
export function refuseAt(site: CallSite, message: string, code: ErrorCode = "INVALID_ARGUMENT"): never {
  throw refusedAt(new VolleyError(code, message), site);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}

/** What to use instead of a method when the function is asynchronous. */
const ASYNC_METHODS: Readonly<Record<string, string>> = {
  map: "mapAsync",
  flatMap: "flatMapAsync",
  filter: "filterAsync",
  foreach: "foreachAsync",
};

/** A synchronous function. */
export function requireFunction(f: unknown, method: string, what = "a function"): void {
  if (typeof f !== "function") refuse(`${method} takes ${what}, not ${show(f)}`);
  const kind = Object.prototype.toString.call(f);
  if (kind !== "[object AsyncFunction]" && kind !== "[object AsyncGeneratorFunction]") return;
  const instead = ASYNC_METHODS[method];
  refuse(
    instead === undefined
      ? `${method} takes synchronous functions; await what is asynchronous in mapAsync first`
      : `${method} takes a synchronous function; use ${instead} for an asynchronous one`,
    "PROMISE_IN_SYNC_FUNCTION",
  );
}

/** A function that may be asynchronous. */
export function requireAnyFunction(f: unknown, method: string): void {
  if (typeof f !== "function") refuse(`${method} takes a function, not ${show(f)}`);
}

export function requireInteger(
  value: unknown,
  method: string,
  name: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return;
  const least = min === Number.MIN_SAFE_INTEGER ? "" : ` of at least ${min}`;
  const range = max === Number.MAX_SAFE_INTEGER ? least : ` from ${min} to ${max}`;
  refuse(`${method}: ${name} must be a whole number${range}, not ${show(value)}`);
}

export function requireNumber(
  value: unknown,
  method: string,
  name: string,
  min: number,
  max = Number.POSITIVE_INFINITY,
): asserts value is number {
  if (typeof value === "number" && value >= min && value <= max) return;
  refuse(
    `${method}: ${name} must be a number ${max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`}, not ${show(value)}`,
  );
}

/** Most partitions a dataset may have: task tables and map outputs are indexed by 32-bit numbers, and more is a mistake. */
export const PARTITIONS_MAX = 10_000_000;

export function requirePartitions(value: unknown, method: string): asserts value is number {
  requireInteger(value, method, "numPartitions", 1, PARTITIONS_MAX);
}

export function requireRdd(value: unknown, method: string): void {
  if (typeof value === "object" && value !== null && "node" in value && "context" in value) return;
  refuse(`${method} takes an RDD, not ${show(value)}; make one with parallelize`);
}

/** RDDs of one context. */
export function requireSameContext(rdds: readonly { readonly context: unknown }[], method: string): void {
  for (const rdd of rdds) requireRdd(rdd, method);
  if (rdds.some((rdd) => rdd.context !== rdds[0]?.context)) refuse(`${method}: the RDDs belong to different contexts`);
}

export function requireCompare(compare: unknown, method: string): void {
  if (compare !== undefined) requireFunction(compare, method, "a comparator (a, b) => number");
}

/** An options object without options that the method does not know. */
export function requireOptions(options: unknown, method: string, names: readonly string[]): void {
  if (typeof options !== "object" || options === null)
    refuse(`${method} takes an options object { ${names.join(", ")} }, not ${show(options)}`);
  for (const name of Object.keys(options as object)) {
    if (!names.includes(name))
      refuse(`${method} has no option ${show(name)}; there are ${names.join(", ")}`, "INVALID_OPTION");
  }
}

/** The options of an action. */
export function requireActionOptions(options: unknown, method: string): void {
  if (options === undefined) return;
  requireOptions(options, method, ["signal"]);
  const { signal } = options as { signal?: unknown };
  if (signal !== undefined && !(signal instanceof AbortSignal))
    refuse(`${method}: signal must be an AbortSignal, not ${show(signal)}`);
}

/** A partitioner that has a place for the rows of `rdd`. */
export function requirePartitioner(
  value: unknown,
  method: string,
  rdds: readonly RddBase[],
): asserts value is Partitioner {
  if (!(value instanceof Partitioner)) refuse(`${method} takes a Partitioner, not ${show(value)}`);
  if (value.numPartitions !== 0 || rdds.every(({ context, node }) => context.knownPartitions(node) === 0)) return;
  refuse(`${method}: a Partitioner of 0 partitions has no place for any row; give it at least 1`);
}
