/** An event in a line of a run's log. */

import type { CoreEvent } from "@volley/driver/core/events.js";

export function describeEvent(event: CoreEvent): string {
  if (event.type !== "jobSubmitted") return JSON.stringify(event);
  const stages = event.job.stages.map((stage) => {
    const output = stage.shuffleId === undefined ? "result" : `shuffle ${stage.shuffleId}`;
    return `${stage.stageId}[${stage.partitions.length}${stage.barrier === true ? " barrier" : ""}] ${stage.parentShuffleIds.join(",")} -> ${output}`;
  });
  return `job ${event.job.jobId}: ${stages.join("; ")}`;
}
