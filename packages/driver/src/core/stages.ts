/**
 * The graph of stages of all living jobs: which are wanted, which may run, which are done.
 *
 * A stage is *active* when its output is wanted and not whole. Wanted by: a job whose last stage it is, or an active stage that reads
 * it. So activity flows from the last stage of a job up to what is missing, stops at shuffles that are written, and comes back when map
 * outputs get lost, however long ago their stage finished. `demand` counts who wants; `missingParents` counts what is not there; a change
 * touches the neighbours; `settle` looks at touched stages until none is left. No recursion: graphs may be deep.
 */

import { assert } from "@volley/engine/lib/assert.js";
import type { Failure } from "@volley/engine/wire/errors.js";
import { discard, killAll, preferences, queueStage, raiseRun, tasksOf } from "./attempts.js";
import type { CoreState, JobEnding } from "./core-state.js";
import type { JobShape, StageShape } from "./events.js";
import type { Job } from "./job.js";
import { dropUnfinished } from "./map-output-loss.js";
import type { Shuffle } from "./map-outputs.js";
import { isWhole, type Stage } from "./stage.js";
import { TaskSet } from "./task-set.js";
import type { StageState } from "./transitions.js";

export class StageGraph {
  readonly #state: CoreState;
  readonly #touched: Stage[] = [];
  /** All stages of living jobs. */
  readonly stages = new Set<Stage>();

  constructor(state: CoreState) {
    this.#state = state;
  }

  /** Takes a job in. Throws for shapes that make no job: the planner's mistake. */
  submit(shape: JobShape): void {
    const state = this.#state;
    assert(!state.jobs.has(shape.jobId), "a job is submitted once");
    assert(shape.stages.length > 0, "a job has a stage");
    const job: Job = {
      jobId: shape.jobId,
      pool: shape.pool,
      state: "new",
      stages: [],
      final: undefined,
      submittedAt: state.now,
      runningCount: 0,
    };
    job.state = state.transitions.move("job", job.jobId, job.state, "active", state.step);
    job.stages = shape.stages.map((stageShape) => this.#join(job, stageShape));
    const final = job.stages.at(-1) as Stage;
    job.final = final;
    state.jobs.set(job.jobId, job);
    state.note({ kind: "jobStarted", jobId: job.jobId });
    final.demand++;
    for (const stage of job.stages) this.touch(stage);
    if (final.state === "done") state.endings.push({ job, failure: undefined });
    this.settle();
    if (state.jobs.has(job.jobId)) this.#noteSkipped(job);
  }

  touch(stage: Stage): void {
    if (stage.isTouched) return;
    stage.isTouched = true;
    this.#touched.push(stage);
  }

  /** To be called when outputs of a shuffle came or went. */
  noteShuffle(shuffle: Shuffle): void {
    if (shuffle.isWhole === shuffle.isWholeKnown) return;
    shuffle.isWholeKnown = shuffle.isWhole;
    for (const consumer of shuffle.consumers) {
      consumer.missingParents += shuffle.isWhole ? -1 : 1;
      this.touch(consumer);
    }
    // Looked at first: one stage finishes before others start.
    if (shuffle.stage !== undefined) this.touch(shuffle.stage);
  }

  /** Map outputs are not where they were. Partitions that are wanted are pending again. */
  loseOutputs(shuffle: Shuffle, mapPartitions: readonly number[]): void {
    if (mapPartitions.length === 0) return;
    const { stage } = shuffle;
    for (const mapPartition of mapPartitions) {
      shuffle.drop(mapPartition, this.#state.step);
      if (stage?.tasks === undefined) continue;
      stage.tasks.reopen(mapPartition);
      stage.tasks.pending.requeue(mapPartition);
    }
    shuffle.run++;
    if (stage !== undefined) {
      stage.run = shuffle.run;
      queueStage(this.#state, stage);
    }
    this.#state.note({ kind: "mapOutputLost", shuffleId: shuffle.shuffleId, mapPartitions });
    this.noteShuffle(shuffle);
  }

  /** Fails the jobs that want the stage's output now; others that share it go on. */
  failStage(stage: Stage, failure: Failure): void {
    for (const job of this.jobsThatWant(stage)) this.#state.failJob(job, failure);
  }

  /** Jobs whose last stage is reached from here through active stages. */
  jobsThatWant(stage: Stage): Job[] {
    const reached = new Set<Stage>([stage]);
    for (const at of reached)
      for (const consumer of at.shuffle?.consumers ?? []) if (consumer.isActive) reached.add(consumer);
    const jobs: Job[] = [];
    for (const { job } of stage.members.values()) if (job.final !== undefined && reached.has(job.final)) jobs.push(job);
    return jobs;
  }

  release(shuffle: Shuffle): void {
    shuffle.isReleased = true;
    this.#removeIfReleased(shuffle);
  }

  /** Looks at touched stages and takes ended jobs apart until nothing is left to do. */
  settle(): void {
    for (;;) {
      const stage = this.#touched.pop();
      if (stage !== undefined) {
        stage.isTouched = false;
        if (stage.state !== "gone") this.#look(stage);
        continue;
      }
      const ending = this.#state.endings.shift();
      if (ending === undefined) return;
      this.#end(ending);
    }
  }

  #join(job: Job, shape: StageShape): Stage {
    const { outputs } = this.#state;
    const parents = [...new Set(shape.parentShuffleIds)].map((shuffleId) => {
      const parent = outputs.byId.get(shuffleId);
      assert(
        parent?.stage !== undefined,
        `shuffle ${shuffleId} is written by a stage of the job, and parents come first`,
      );
      return parent;
    });
    let shuffle: Shuffle | undefined;
    if (shape.shuffleId !== undefined) {
      shuffle = outputs.byId.get(shape.shuffleId) ?? outputs.add(shape.shuffleId, shape.partitions.length, parents);
      assert(shuffle.size === shape.partitions.length, "a shuffle keeps its number of map partitions");
      assert(
        shape.partitions.every((partition, index) => partition === index),
        "a map stage has all partitions in order",
      );
    }
    const stage = shuffle?.stage ?? this.#make(shape, shuffle, parents);
    stage.members.set(job.jobId, { job, shape });
    return stage;
  }

  #make(shape: StageShape, shuffle: Shuffle | undefined, parents: readonly Shuffle[]): Stage {
    const stage: Stage = {
      stageId: shape.stageId,
      members: new Map(),
      shuffle,
      parents,
      size: shape.partitions.length,
      isBarrier: shape.barrier === true,
      state: "dormant",
      isActive: false,
      demand: 0,
      missingParents: parents.filter((parent) => !parent.isWhole).length,
      tasks: undefined,
      nextAttempt: undefined,
      run: shuffle?.run ?? 0,
      isStarted: false,
      fetchFailures: [],
      fetchFailedUpTo: -1,
      isQueued: false,
      isTouched: false,
      starvedSince: -1,
    };
    for (const parent of parents) parent.consumers.add(stage);
    if (shuffle !== undefined) {
      shuffle.stage = stage;
      shuffle.isWholeKnown = shuffle.isWhole;
    }
    this.stages.add(stage);
    return stage;
  }

  #look(stage: Stage): void {
    const whole = isWhole(stage);
    // A stage of no job may still be wanted by one that is about to be looked at.
    const isActive = !whole && stage.demand > 0 && stage.members.size > 0;
    if (isActive !== stage.isActive) {
      stage.isActive = isActive;
      for (const { stage: parent } of stage.parents) {
        assert(parent !== undefined, "the parents of a living stage have stages");
        parent.demand += isActive ? 1 : -1;
        this.touch(parent);
      }
    }
    const target = isActive ? (stage.missingParents === 0 ? "running" : "waiting") : whole ? "done" : "dormant";
    if (target !== stage.state) this.#enter(stage, target);
    if (stage.members.size === 0 && stage.demand === 0) this.#remove(stage);
  }

  #enter(stage: Stage, target: StageState): void {
    const from = stage.state;
    stage.state = this.#state.transitions.move("stage", stage.stageId, from, target, this.#state.step);
    this.#state.pools.remove(stage);
    switch (target) {
      case "running":
        return this.#start(stage);
      case "waiting":
        this.#endRun(stage);
        return;
      case "done":
        return this.#finish(stage, from === "running" || from === "waiting");
      default:
        return this.#calm(stage);
    }
  }

  #start(stage: Stage): void {
    if (stage.tasks === undefined) this.#makeTasks(stage);
    raiseRun(stage);
    stage.isStarted = true;
    for (const [stageId, jobIds] of names(stage)) {
      this.#state.note({ kind: "stageStarted", stageId, jobIds, run: stage.run, tasks: tasksOf(stage).pendingCount });
    }
    queueStage(this.#state, stage);
  }

  #makeTasks(stage: Stage): void {
    const { shuffle } = stage;
    // A barrier stage runs whole or not at all, so what is left of an earlier run does not help.
    if (stage.isBarrier && shuffle !== undefined) {
      this.loseOutputs(
        shuffle,
        range(stage.size).filter((index) => shuffle.has(index)),
      );
    }
    const { limits } = this.#state;
    stage.tasks = new TaskSet(
      stage.size,
      (index) => shuffle?.has(index) === true,
      limits,
      preferences(this.#state, stage),
    );
  }

  #endRun(stage: Stage, failure?: Failure): void {
    if (!stage.isStarted) return;
    stage.isStarted = false;
    const tasks = stage.tasks?.pendingCount ?? 0;
    for (const [stageId, jobIds] of names(stage))
      this.#state.note({ kind: "stageEnded", stageId, jobIds, run: stage.run, tasks, failure });
  }

  #finish(stage: Stage, hasRun: boolean): void {
    assert((stage.tasks?.running.size ?? 0) === 0, "nothing runs of a stage that is done");
    this.#endRun(stage);
    if (stage.shuffle !== undefined) stage.tasks = undefined;
    stage.fetchFailures.length = 0;
    if (hasRun)
      for (const [stageId, jobIds] of names(stage)) this.#state.emit({ type: "stageFinished", stageId, jobIds });
    for (const { job } of stage.members.values())
      if (job.final === stage) this.#state.endings.push({ job, failure: undefined });
  }

  /** Nobody wants it any more: what runs of it is stopped. */
  #calm(stage: Stage): void {
    this.#endRun(stage);
    if (stage.tasks === undefined) return;
    killAll(this.#state, stage, "no job wants its output any more");
    for (const { attempt } of stage.tasks.held.values()) discard(this.#state, attempt);
    stage.tasks = undefined;
  }

  #remove(stage: Stage): void {
    if (stage.state === "done" || stage.state === "dormant") {
      stage.state = this.#state.transitions.move("stage", stage.stageId, stage.state, "gone", this.#state.step);
    }
    assert(stage.state === "gone", "only a stage that nobody wants is removed");
    this.stages.delete(stage);
    stage.tasks = undefined;
    for (const parent of stage.parents) {
      parent.consumers.delete(stage);
      this.#removeIfReleased(parent);
    }
    if (stage.shuffle === undefined) return;
    stage.shuffle.stage = undefined;
    dropUnfinished(this.#state, stage.shuffle);
    this.#removeIfReleased(stage.shuffle);
  }

  #removeIfReleased(shuffle: Shuffle): void {
    if (!shuffle.isReleased || shuffle.stage !== undefined || shuffle.consumers.size > 0) return;
    if (!this.#state.outputs.byId.has(shuffle.shuffleId)) return;
    const { executors } = this.#state;
    const holders = shuffle.mayHaveStrays ? executors.all : shuffle.holders().map((index) => executors.at(index));
    this.#state.outputs.remove(shuffle);
    this.#state.emit({
      type: "removeShuffle",
      shuffleId: shuffle.shuffleId,
      executorIds: holders.flatMap((holder) => holder?.executorId ?? []),
    });
  }

  #end({ job, failure }: JobEnding): void {
    if (job.state !== "active") return;
    const state = this.#state;
    job.state = state.transitions.move(
      "job",
      job.jobId,
      job.state,
      failure === undefined ? "finished" : "failed",
      state.step,
    );
    state.jobs.delete(job.jobId);
    const final = job.final as Stage;
    final.demand--;
    for (const stage of job.stages) {
      if (stage.members.size > 1) state.pools.reorder(stage, () => stage.members.delete(job.jobId));
      else {
        // Its order among the queued hangs on its owner, so it leaves the queue first.
        state.pools.remove(stage);
        if (stage.isStarted) this.#endRun(stage, failure);
        stage.members.delete(job.jobId);
      }
      this.touch(stage);
    }
    state.note({ kind: "jobEnded", jobId: job.jobId, failure });
    state.emit(
      failure === undefined
        ? { type: "jobFinished", jobId: job.jobId }
        : { type: "jobFailed", jobId: job.jobId, failure },
    );
  }

  #noteSkipped(job: Job): void {
    for (const stage of job.stages) {
      if (stage.isActive || stage.shuffle === undefined) continue;
      const shape = stage.members.get(job.jobId)?.shape;
      assert(shape !== undefined, "a job's stage knows the job");
      this.#state.note({
        kind: "stageSkipped",
        stageId: shape.stageId,
        jobIds: [job.jobId],
        run: stage.run,
        tasks: stage.size,
      });
    }
  }
}

/** A stage's ids, each with the jobs that call it so. */
function names(stage: Stage): Map<number, number[]> {
  const byId = new Map<number, number[]>();
  for (const { job, shape } of stage.members.values()) {
    const jobIds = byId.get(shape.stageId);
    if (jobIds === undefined) byId.set(shape.stageId, [job.jobId]);
    else jobIds.push(job.jobId);
  }
  return byId;
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index);
}
