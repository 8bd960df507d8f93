/** A planned job as text: its stages, what each reads and writes, and the source of the functions that run. */

import type { PlannedJob, PlannedStage } from "./planned-job.js";

export function explainJob(job: PlannedJob): string {
  return [
    `Job: ${job.description}, ${job.stages.length} ${job.stages.length === 1 ? "stage" : "stages"}`,
    ...job.stages.map(explainStage),
  ].join("\n\n");
}

function explainStage(stage: PlannedStage): string {
  const reads =
    stage.parentShuffleIds.length === 0
      ? ""
      : `, reads ${stage.parentShuffleIds.map((id) => `shuffle ${id}`).join(", ")}`;
  const writes =
    stage.shuffleId === undefined
      ? ", gives the result"
      : `, writes shuffle ${stage.shuffleId} for ${stage.reducePartitions} partitions`;
  const tasks = `${stage.partitions.length} ${stage.partitions.length === 1 ? "task" : "tasks"}`;
  const head = `Stage ${stage.stageId}: ${stage.name}: ${tasks}${reads}${writes}`;
  const pipelines = stage.spec.sources.map((source, index) => {
    const users = stage.spec.pipelines.flatMap((pipeline, at) => (pipeline.source === index ? [at] : []));
    const shown = users.length > 4 ? `${users.slice(0, 4).join(", ")}, …` : users.join(", ");
    return `${users.length === 1 ? "pipeline" : "pipelines"} ${shown}:\n${source}`;
  });
  return [head, ...pipelines].join("\n");
}
