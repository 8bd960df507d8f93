import type { VolleyContext } from "volley";
import type { DataSet } from "./data-set.ts";
import type { PartTimer } from "./part-timer.ts";

/** What every engine must answer alike; floating sums are rounded by the workload, since engines add in different orders. */
export type Answer = string;

/** What one run of a workload is given. */
export interface Bench {
  /** 1 is the size of the table; sizes are multiplied by it. */
  readonly scale: number;
  /** Path of a generated file, of this run's scale. */
  file(dataSet: DataSet): string;
  /** Times a part of the run, and gives what the job gives. A run that times no part is timed as a whole. */
  readonly time: PartTimer["time"];
}

export interface VolleyBench extends Bench {
  readonly vc: VolleyContext;
}

/** The most that Volley's time may be, as a ratio to Spark's (Scala, local[2]): one for the whole, or one for each part. */
export type Goal = number | Readonly<Record<string, number>>;

/** One workload, for Volley as a user would write it and for Node as a good engineer would. Spark's is in `bench/peers/Workloads.scala`, under the same name. */
export interface Workload {
  /** The row of the table: `w4`. */
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly goal: Goal;
  /** Files that it reads, made before the clock starts. */
  readonly dataSets?: readonly DataSet[];
  /** What Volley's executors and Spark's heap may take, in MiB; Node's own heap is not limited by it. */
  readonly memoryMiB?: number;
  /** Nothing is measured inside: the process is, from its start to its end, by `scripts` (plain JavaScript). */
  readonly process?: { readonly volley: string; readonly node: string };
  volley(bench: VolleyBench): Promise<Answer>;
  node?(bench: Bench): Answer | Promise<Answer>;
  /** The same by somebody with a day to spare: typed arrays, tables of their own, raw bytes. */
  tuned?(bench: Bench): Answer | Promise<Answer>;
}

/** A sum or score to nine digits. */
export function rounded(value: number): Answer {
  return value.toPrecision(9);
}

/** A size of the table at a scale: a multiple of 1000, as in Spark's version. */
export function sized(size: number, scale: number): number {
  return Math.max(1, Math.round((size * scale) / 1000)) * 1000;
}
