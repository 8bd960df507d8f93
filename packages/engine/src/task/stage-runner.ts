/** How a host (a slot thread, a plain process, a test) runs tasks of a stage. */

import type { MapOutput, TaskIo } from "./task-io.js";
import type { StageSpec, TaskSpec } from "./task-spec.js";

/** What running user code needs of its host beyond TaskIo. */
export interface CodeHost {
  /** `require` for a user's file: specifiers resolve from there. Synchronous: builtins, CommonJS, ES modules without top-level await. */
  requireFrom(file: string): (specifier: string) => unknown;
  /** `import()` for a user's file. */
  importFrom(file: string): (specifier: string, options?: object) => Promise<unknown>;
  /** `import.meta.resolve` of a user's file. */
  resolveFrom(file: string): (specifier: string) => string;
  /** Compiles an expression's text so that stack traces name `file`, `line`, `column` (0-based place of the text's start). */
  compile(text: string, file: string, line: number, column: number): unknown;
}

export interface TaskOutcome {
  /** A result stage's block. */
  readonly result?: Uint8Array | undefined;
  /** A map stage's output. */
  readonly mapOutput?: MapOutput | undefined;
  /** A block of [accumulatorId, value] rows. */
  readonly accumulators?: Uint8Array | undefined;
}

export interface StageRunner {
  /** Runs one attempt. Throws VolleyError (user errors as USER_FUNCTION_FAILED with details and cause). Asynchronous only for stages with async operators. */
  run(task: TaskSpec, io: TaskIo): TaskOutcome | Promise<TaskOutcome>;
}

/** Compiles once what tasks of this stage share. `envelope(id)` gives an envelope's bytes. */
export type CreateStageRunner = (
  spec: StageSpec,
  envelope: (envelopeId: number) => Uint8Array,
  host: CodeHost,
) => StageRunner;
