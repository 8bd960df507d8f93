/** The life of attempts: launched, told to stop, ended. Whoever changes a partition's state does so through here. */

import type { Failure } from "@volley/engine/wire/errors.js";
import type { Attempt } from "./attempt.js";
import type { CoreState } from "./core-state.js";
import type { CoreNote } from "./events.js";
import type { Executor } from "./executors.js";
import type { Preference } from "./locality.js";
import { ownerOf, type Stage } from "./stage.js";
import type { TaskSet } from "./task-set.js";
import type { AttemptState } from "./transitions.js";

type Outcome = (CoreNote & { kind: "taskEnded" })["outcome"];

/** Starts a try of one partition on that executor; `original`: the slow attempt that it is to overtake; `alone`: nothing else runs there. */
export function launch(
  state: CoreState,
  stage: Stage,
  index: number,
  executor: Executor,
  original?: Attempt,
  alone = false,
): void {
  const tasks = tasksOf(stage);
  const { job, shape } = ownerOf(stage);
  const attempt: Attempt = {
    order: {
      taskId: state.nextTaskId++,
      jobId: job.jobId,
      stageId: shape.stageId,
      partition: shape.partitions[index] as number,
      attempt: takeAttemptNumber(stage, index),
      speculative: original !== undefined,
    },
    index,
    stage,
    executor,
    job,
    run: stage.run,
    launchedStep: state.step,
    launchedAt: state.now,
    startedAt: -1,
    seenAt: state.now,
    toldAt: -1,
    state: "new",
    twin: original,
    alone,
  };
  if (original !== undefined) original.twin = attempt;
  move(state, attempt, "launched");
  tasks.start(attempt);
  state.attempts.set(attempt.order.taskId, attempt);
  state.executors.give(executor, attempt, state.now);
  job.runningCount++;
  state.pools.countLaunched(job.pool, 1);
  state.orderLaunch(executor, attempt.order);
  state.note({ kind: "taskStarted", task: attempt.order, executorId: executor.executorId });
}

/** The attempt no longer runs for its stage. Returns its twin if it had one; otherwise the partition's state is the caller's to change. */
export function detach(state: CoreState, attempt: Attempt): Attempt | undefined {
  attempt.job.runningCount--;
  state.pools.countLaunched(attempt.job.pool, -1);
  return tasksOf(attempt.stage).end(attempt);
}

/** Its executor has no more to do with it. */
export function close(state: CoreState, attempt: Attempt, to: AttemptState, outcome: Outcome, failure?: Failure): void {
  move(state, attempt, to);
  state.attempts.delete(attempt.order.taskId);
  state.executors.takeBack(attempt.executor, attempt, state.now);
  state.freed.add(attempt.executor);
  state.note({ kind: "taskEnded", task: attempt.order, executorId: attempt.executor.executorId, outcome, failure });
}

/** Tells a launched attempt to stop: from now on nothing it says counts. The partition's state is the caller's to change. */
export function kill(state: CoreState, attempt: Attempt, reason: string): Attempt | undefined {
  const twin = detach(state, attempt);
  move(state, attempt, "killing");
  attempt.toldAt = state.now;
  state.killings.push({ attempt, deadline: state.now + state.limits.killGraceMs });
  state.orderKill(attempt.executor, attempt.order.taskId, reason);
  return twin;
}

/** Stops all that runs of a stage. The partitions' states are the caller's to change: the set is dropped or restarted. */
export function killAll(state: CoreState, stage: Stage, reason: string): void {
  for (const attempt of tasksOf(stage).running) kill(state, attempt, reason);
}

/** A partition is pending again through no fault of its own. */
export function requeue(state: CoreState, stage: Stage, index: number): void {
  const tasks = tasksOf(stage);
  tasks.reopen(index);
  tasks.pending.requeue(index);
  queueStage(state, stage);
}

/** Has something to launch: into the pools' order, if it may. */
export function queueStage(state: CoreState, stage: Stage): void {
  if (stage.state !== "running" || stage.tasks?.hasWork !== true) return;
  state.pools.add(stage);
  state.mustLookEverywhere = true;
}

/** All partitions from the beginning; nothing of what ran or succeeded counts. */
export function restart(state: CoreState, stage: Stage, reason: string): void {
  killAll(state, stage, reason);
  const tasks = tasksOf(stage);
  for (const { attempt } of tasks.held.values()) discard(state, attempt);
  tasks.restart(preferences(state, stage));
  raiseRun(stage);
  queueStage(state, stage);
}

/** The attempt's result does not count: whoever keeps it may drop it. */
export function discard(state: CoreState, attempt: Attempt): void {
  const { taskId, partition } = attempt.order;
  const shuffleId = attempt.stage.shuffle?.shuffleId;
  const shuffle =
    shuffleId === undefined ? undefined : { shuffleId, mapPartition: partition, attempt: attempt.order.attempt };
  state.emit({ type: "discard", taskId, executorId: attempt.executor.executorId, shuffle });
}

/** A partition that had been accepted no longer counts, or a new start: `accept` is said once a run. */
export function raiseRun(stage: Stage): void {
  stage.run++;
  if (stage.shuffle !== undefined) stage.shuffle.run = stage.run;
}

/** Where the stage's partitions would best run; undefined when nothing is known that could matter. */
export function preferences(state: CoreState, stage: Stage): ((index: number) => Preference) | undefined {
  const { shape } = ownerOf(stage);
  if (state.blocks.isEmpty && shape.hosts === undefined) return undefined;
  return (index) => {
    const partition = shape.partitions[index] as number;
    for (const block of shape.cachedBlocks(partition)) {
      const executors = state.blocks.holdersOf(block).filter((holder) => holder.state === "alive");
      if (executors.length > 0) return { executors, hosts: NOWHERE };
    }
    return {
      executors: NOWHERE,
      hosts: (shape.hosts?.(partition) ?? NOWHERE).filter((host) => state.executors.hasHost(host)),
    };
  };
}

const NOWHERE: readonly never[] = [];

export function tasksOf(stage: Stage): TaskSet {
  if (stage.tasks === undefined)
    throw new Error(`assertion failed: stage ${stage.stageId} has no tasks while ${stage.state}`);
  return stage.tasks;
}

function move(state: CoreState, attempt: Attempt, to: AttemptState): void {
  attempt.state = state.transitions.move("attempt", attempt.order.taskId, attempt.state, to, state.step);
}

function takeAttemptNumber(stage: Stage, index: number): number {
  if (stage.shuffle !== undefined) return stage.shuffle.takeAttemptNumber(index);
  stage.nextAttempt ??= new Uint32Array(stage.size);
  const attempt = stage.nextAttempt[index] as number;
  stage.nextAttempt[index] = attempt + 1;
  return attempt;
}
