/**
 * A task as data: which program, over which inputs. It is what the driver plans and a slot runs; it holds no rows and no code.
 */

import type { BlockId } from "./block-id.js";
import type { FileSplit } from "./task-io.js";

/** What one leaf or cut of a program reads for one task. A program asks for its inputs by index. */
export type TaskInput =
  /** Nothing but the partition's number (range, shuffle reads, ...). */
  | { readonly kind: "partition"; readonly partition: number }
  | { readonly kind: "block"; readonly block: BlockId }
  | { readonly kind: "splits"; readonly splits: readonly FileSplit[] }
  /** A pipeline of the same stage run as a source of rows: cached partitions, zip, coalesce, cartesian. */
  | { readonly kind: "pipeline"; readonly pipeline: number; readonly partition: number; readonly inputs: readonly TaskInput[] }
  | { readonly kind: "list"; readonly items: readonly TaskInput[] };

export interface PipelineSpec {
  /** Key of the source text in `StageSpec.sources`. */
  readonly source: number;
  /** Indices into the stage's `bindings`: what the source's `b[0]`, `b[1]`, ... are. */
  readonly bindings: readonly number[];
}

/**
 * A stage as an executor needs it. Its bindings (user functions, constants) travel beside it in closure envelopes: one for all
 * functions of a job, captured when the action was called, others for values found later (range bounds).
 */
export interface StageSpec {
  /** Unique in the application; a stage that is run again under other bindings has another key. */
  readonly stageKey: number;
  readonly sources: readonly string[];
  readonly pipelines: readonly PipelineSpec[];
  /** [envelopeId, index of the root in that envelope]. */
  readonly bindings: readonly (readonly [number, number])[];
  /** Set on map stages. */
  readonly shuffleId?: number | undefined;
}

export interface TaskSpec {
  readonly taskId: number;
  readonly jobId: number;
  readonly stageId: number;
  readonly stageKey: number;
  readonly partition: number;
  readonly attempt: number;
  readonly pipeline: number;
  readonly inputs: readonly TaskInput[];
  /** Seeds Math.random: the same for every attempt. */
  readonly seed: number;
}
