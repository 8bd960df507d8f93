/**
 * Inputs that a task would compute again and again. `z = z.zip(z)`, thirty times over, names one pipeline a thousand million times: each use runs
 * it, as in Spark, as long as these are few; beyond that its rows are computed once and kept for the task.
 */

import type { TaskInput } from "./task-spec.js";

/** Runs of one pipeline in a task that are accepted; more are a diamond in a diamond. */
const RUNS_MAX = 64;

type Pipeline = TaskInput & { readonly kind: "pipeline" };
/** Rows, or the block that they were written to. */
type Open = (input: Pipeline) => Iterable<unknown> | AsyncIterable<unknown> | Uint8Array | PromiseLike<Uint8Array>;

/** `open`, but for pipelines that would run too often: their rows come from an array after the first time. */
export function openShared(table: readonly TaskInput[], roots: readonly number[], open: Open): Open {
  const tooOften = pipelinesRunTooOften(table, roots);
  if (tooOften.size === 0) return open;
  const kept = new Map<Pipeline, unknown[] | Uint8Array>();
  return (input) => {
    if (!tooOften.has(input)) return open(input);
    const rows = kept.get(input) ?? open(input);
    if ("then" in rows || Symbol.asyncIterator in rows) return rows;
    if (rows instanceof Uint8Array) kept.set(input, rows);
    else if (!Array.isArray(rows)) kept.set(input, [...rows]);
    return kept.get(input) as unknown[] | Uint8Array;
  };
}

function childrenOf(input: TaskInput): readonly number[] {
  switch (input.kind) {
    case "pipeline":
      return input.inputs;
    case "list":
      return input.items;
    case "cached":
      return [input.compute];
    default:
      return [];
  }
}

/** Counts, from the roots down, how often each entry is reached; users before what they use. */
function pipelinesRunTooOften(table: readonly TaskInput[], roots: readonly number[]): ReadonlySet<TaskInput> {
  const usersLeft = new Uint32Array(table.length);
  for (const input of table) for (const child of childrenOf(input)) usersLeft[child] = (usersLeft[child] as number) + 1;
  const runs = new Float64Array(table.length);
  for (const root of roots) runs[root] = (runs[root] as number) + 1;
  const ready = Array.from(table.keys()).filter((index) => usersLeft[index] === 0);
  const found = new Set<TaskInput>();
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const input = table[index] as TaskInput;
    if (input.kind === "pipeline" && (runs[index] as number) > RUNS_MAX) found.add(input);
    // What is kept runs once.
    const own = found.has(input) ? 1 : (runs[index] as number);
    for (const child of childrenOf(input)) {
      runs[child] = (runs[child] as number) + own;
      usersLeft[child] = (usersLeft[child] as number) - 1;
      if (usersLeft[child] === 0) ready.push(child);
    }
  }
  return found;
}
