import type { VolleyContext } from "volley";

/** What every engine must answer alike; floating sums are rounded by the workload, since engines add in different orders. */
export type Answer = string;

/** One workload, for Volley as a user would write it and for Node as a good engineer would. Spark's version is in `bench/peers/Workloads.scala`, under the same name. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** The most that Volley's time may be, as a ratio to Spark's (Scala, local[2]). */
  readonly goal: number;
  volley(vc: VolleyContext): Promise<Answer>;
  node(): Answer;
}

/** A sum or score to nine digits. */
export function rounded(value: number): Answer {
  return value.toPrecision(9);
}
