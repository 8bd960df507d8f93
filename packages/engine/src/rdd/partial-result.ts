/** Answers that may be asked for before all partitions are done: Spark's approximate actions. */

import { assert } from "../lib/assert.js";
import type { Sink } from "../operators/operator.js";
import { requireActionOptions, requireNumber } from "./arguments.js";
import type { CallSite } from "./call-site.js";
import type { RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";

/** Longest wait: what a timer takes, about 24 days. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/**
 * An answer as it stood when the time was up.
 *
 * @see Spark's PartialResult
 */
export class PartialResult<R> {
  /** The answer, an estimate unless `isFinal`. */
  readonly value: R;
  /** Whether all partitions were done. */
  readonly isFinal: boolean;
  readonly #final: Promise<R>;

  /** @internal Made by the approximate actions. */
  constructor(value: R, isFinal: boolean, final: Promise<R>) {
    this.value = value;
    this.isFinal = isFinal;
    this.#final = final;
  }

  /** The answer once all partitions are done; rejects when the job fails. */
  final(): Promise<R> {
    return this.#final;
  }
}

export function requireApproximation(
  method: string,
  timeoutMs: number,
  confidence: number,
  options: ActionOptions | undefined,
): void {
  requireNumber(timeoutMs, method, "timeoutMs", 0, TIMEOUT_MAX_MS);
  requireNumber(confidence, method, "confidence", 0, 1);
  requireActionOptions(options, method);
}

interface Approximation<R> {
  readonly sink: Sink;
  readonly site: CallSite;
  readonly timeoutMs: number;
  readonly options: ActionOptions | undefined;
  /** Takes in the rows of one partition's result. */
  readonly merge: (rows: readonly unknown[]) => void;
  /** The answer when `done` of the partitions (0 to 1) have been merged. */
  readonly estimate: (done: number) => R;
}

/** Runs a job and resolves when it is done or the time is up, whichever comes first; the job goes on. */
export function approximate<R>({ context, node }: RddBase, approximation: Approximation<R>): Promise<PartialResult<R>> {
  const { sink, site, timeoutMs, options, merge, estimate } = approximation;
  let total = 0;
  let merged = 0;
  const partitions = (numPartitions: number) => {
    total = numPartitions;
    return Array.from({ length: numPartitions }, (_, index) => index);
  };
  const job = context.runJobEach({ node, sink, site, options, partitions }, (_, rows) => {
    merged++;
    merge(rows);
  });
  const final = job.then(() => {
    assert(merged === total, "a finished job has given every partition's result once");
    return estimate(1);
  });
  return new Promise((resolve, reject) => {
    const stop = context.after(timeoutMs, () => {
      // The job may still fail; whoever wants to hear of it asks for `final()`.
      final.catch(() => undefined);
      resolve(new PartialResult(estimate(total === 0 ? 0 : Math.min(merged / total, 1)), false, final));
    });
    final.then(
      (value) => {
        stop();
        resolve(new PartialResult(value, true, final));
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}
