/** One try at one task. Lives from its launch until its executor has said how it ended, or is gone. */

import type { TaskOrder } from "./events.js";
import type { Executor } from "./executors.js";
import type { Job } from "./job.js";
import type { Stage } from "./stage.js";
import type { AttemptState } from "./transitions.js";

export interface Attempt {
  readonly order: TaskOrder;
  /** Place of its partition in the stage's partitions. */
  readonly index: number;
  readonly stage: Stage;
  readonly executor: Executor;
  /** In whose name it was launched. */
  readonly job: Job;
  /** The stage's run that launched it. */
  readonly run: number;
  /** The core's step that launched it: what changed later was unknown to it. */
  readonly launchedStep: number;
  readonly launchedAt: number;
  /** When a slot took it, as far as the driver can tell; -1 while it waits behind others. */
  startedAt: number;
  /** Last time that its executor was known to have it. */
  seenAt: number;
  /** When it was last told to stop. */
  toldAt: number;
  state: AttemptState;
  /** Nothing else runs in its executor. */
  readonly alone: boolean;
  /** The other copy of the same partition while both run. */
  twin: Attempt | undefined;
}
