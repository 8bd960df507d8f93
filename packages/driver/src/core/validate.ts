/** Checks the whole state against itself. Linear in everything; the simulator calls it after each step. */

import { assert } from "@volley/engine/lib/assert.js";
import type { CoreState } from "./core-state.js";
import { isWhole, type Stage } from "./stage.js";
import type { StageGraph } from "./stages.js";

export function validate(state: CoreState, graph: StageGraph): void {
  state.executors.validate();
  state.outputs.validate();
  for (const shuffle of state.outputs.byId.values()) {
    for (const holder of shuffle.holders())
      assert(state.executors.at(holder) !== undefined, "the holder of an output lives");
  }
  state.blocks.validate();
  state.pools.validate();
  assert(state.endings.size === 0 && state.freed.size === 0, "a step leaves nothing undone");
  validateAttempts(state);
  validateJobs(state, graph);
  for (const stage of graph.stages) validateStage(state, stage);
}

function validateAttempts(state: CoreState): void {
  let held = 0;
  for (const executor of state.executors.all) held += executor.attempts.size;
  assert(held === state.attempts.size, "every attempt is on one executor");
  for (const [taskId, attempt] of state.attempts) {
    assert(attempt.order.taskId === taskId, "an attempt is found by its task id");
    assert(attempt.executor.attempts.get(taskId) === attempt, "an attempt's executor knows it");
    assert(!attempt.alone || attempt.executor.attempts.size === 1, "a task that must run alone does");
    const runs = attempt.stage.tasks?.running.has(attempt) === true;
    assert(runs === (attempt.state === "launched"), "an attempt runs for its stage until it is told to stop");
  }
}

function validateJobs(state: CoreState, graph: StageGraph): void {
  const running = new Map<number, number>();
  for (const attempt of state.attempts.values()) {
    if (attempt.state === "launched") running.set(attempt.job.jobId, (running.get(attempt.job.jobId) ?? 0) + 1);
  }
  for (const job of state.jobs.values()) {
    assert(job.state === "active" && job.final !== undefined, "a known job is active");
    assert(
      job.final.state === "waiting" || job.final.state === "running",
      "a job's last stage is wanted until it is done",
    );
    assert(job.runningCount === (running.get(job.jobId) ?? 0), "a job's running tasks are counted");
    for (const stage of job.stages)
      assert(graph.stages.has(stage) && stage.members.has(job.jobId), "a job's stages know it");
  }
}

function validateStage(state: CoreState, stage: Stage): void {
  assert(!stage.isTouched, "a step looks at every touched stage");
  assert(stage.members.size > 0, "a stage belongs to a job");
  let demand = 0;
  for (const { job } of stage.members.values()) {
    assert(state.jobs.get(job.jobId) === job, "a stage belongs to living jobs");
    if (job.final === stage) demand++;
  }
  for (const consumer of stage.shuffle?.consumers ?? []) if (consumer.isActive) demand++;
  assert(demand === stage.demand, "demand is counted");
  const missing = stage.parents.filter((parent) => !parent.isWhole).length;
  assert(missing === stage.missingParents, "missing parents are counted");
  const whole = isWhole(stage);
  assert(stage.isActive === (!whole && demand > 0), "a stage is active when its output is wanted and not whole");
  const expected = stage.isActive ? (missing === 0 ? "running" : "waiting") : whole ? "done" : "dormant";
  assert(stage.state === expected, `stage ${stage.stageId} is ${stage.state} and should be ${expected}`);
  for (const parent of stage.parents) {
    assert(parent.consumers.has(stage), "a parent knows its consumers");
    assert(parent.stage !== undefined, "a parent can be computed again");
  }
  if (stage.tasks === undefined) {
    assert(stage.state !== "running", "a running stage has tasks");
    return;
  }
  assert(stage.isActive || stage.shuffle === undefined, "only wanted stages have tasks");
  stage.tasks.validate();
  assert(stage.tasks.aloneCount === 0 || state.loneStages.has(stage), "tasks that must run alone are known");
  if (stage.state === "running" && stage.tasks.pendingCount > 0) assert(stage.isQueued, "what may run is queued");
  if (stage.shuffle === undefined) return;
  for (let index = 0; index < stage.size; index++) {
    assert(stage.shuffle.has(index) === stage.tasks.isDone(index), "a map partition is done when its output is there");
  }
}
