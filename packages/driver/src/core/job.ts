/** One job, as data. */

import type { Stage } from "./stage.js";
import type { JobState } from "./transitions.js";

export interface Job {
  readonly jobId: number;
  readonly pool: string;
  state: JobState;
  /** Parents first. */
  stages: readonly Stage[];
  /** The job is finished when this one is done. */
  final: Stage | undefined;
  readonly submittedAt: number;
  /** Attempts launched in its name that have not been told to stop. */
  runningCount: number;
}
