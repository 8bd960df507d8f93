/** What executors say about their tasks: succeeded, failed, stopped, never started. */

import { assert } from "@volley/engine/lib/assert.js";
import type { Failure } from "@volley/engine/wire/errors.js";
import type { Attempt } from "./attempt.js";
import { close, detach, discard, kill, queueStage, requeue, restart, tasksOf } from "./attempts.js";
import type { CoreState } from "./core-state.js";
import type { CoreEvent } from "./events.js";
import type { Executor } from "./executors.js";
import { blame, praise, strike } from "./health.js";
import { dropOutputs, outputsOn } from "./map-output-loss.js";
import type { MapOutputData } from "./map-outputs.js";
import { exhausted, judge, placed } from "./retry-policy.js";
import { rollBackReaders } from "./roll-back.js";
import type { StageGraph } from "./stages.js";

type EventOf<T extends CoreEvent["type"]> = Extract<CoreEvent, { type: T }>;
type Fetch = NonNullable<Failure["fetch"]>;

export class TaskEnds {
  readonly #state: CoreState;
  readonly #graph: StageGraph;

  constructor(state: CoreState, graph: StageGraph) {
    this.#state = state;
    this.#graph = graph;
  }

  /** Returns whether a task's success counted. */
  succeeded(event: EventOf<"taskSucceeded">): boolean {
    const attempt = this.#find(event);
    if (attempt === undefined) return false;
    if (attempt.state === "killing") {
      close(this.#state, attempt, "ignored", "ignored");
      discard(this.#state, attempt);
      return false;
    }
    const { stage, executor } = attempt;
    if (stage.shuffle !== undefined && event.mapOutput === undefined) {
      this.#fail(attempt, { code: "PROTOCOL", message: "a map task ended without its output", details: {} });
      return false;
    }
    const tasks = tasksOf(stage);
    const twin = detach(this.#state, attempt);
    close(this.#state, attempt, "succeeded", "succeeded");
    if (twin !== undefined) kill(this.#state, twin, "another attempt has succeeded");
    tasks.runtimes.add(event.runMs);
    executor.recentMs = recentMs(executor.recentMs, event.runMs);
    praise(executor);
    this.#blameOthers(attempt);
    if (!stage.isBarrier) this.#accept(attempt, event.mapOutput);
    else {
      tasks.hold(attempt.index, { attempt, mapOutput: event.mapOutput });
      if (tasks.held.size === tasks.size)
        for (const held of [...tasks.held.values()]) this.#accept(held.attempt, held.mapOutput);
    }
    return true;
  }

  failed(event: EventOf<"taskFailed">): void {
    const attempt = this.#find(event);
    if (attempt === undefined) return;
    if (attempt.state === "killing") close(this.#state, attempt, "killed", "killed");
    else this.#fail(attempt, event.failure);
  }

  killed(event: EventOf<"taskKilled">): void {
    const attempt = this.#find(event);
    if (attempt === undefined) return;
    if (attempt.state === "killing") close(this.#state, attempt, "killed", "killed");
    // One that leaves gives back what it has not begun.
    else if (attempt.executor.state === "decommissioning") this.vanished(attempt);
    else this.#fail(attempt, { code: "CANCELLED", message: "the executor stopped the task by itself", details: {} });
  }

  /** The attempt never started, or nobody knows what became of it: again, and nobody is charged. */
  vanished(attempt: Attempt): void {
    if (attempt.state === "killing") close(this.#state, attempt, "killed", "killed");
    else {
      const twin = detach(this.#state, attempt);
      close(this.#state, attempt, "lost", "lost");
      this.again(attempt, twin, undefined);
    }
  }

  /**
   * A launched attempt was lost with its executor. Detached and closed before the executor's outputs are, so that nothing is counted on
   * an executor that is gone. `hadStarted`: it may have to do with the loss; `isSuspect`: it may have taken all the memory.
   */
  lost(
    attempt: Attempt,
    failure: Failure,
    { isCharged, hadStarted, isSuspect }: { isCharged: boolean; hadStarted: boolean; isSuspect: boolean },
  ): void {
    if (attempt.state === "killing") {
      close(this.#state, attempt, "lost", "lost");
      return;
    }
    const twin = detach(this.#state, attempt);
    close(this.#state, attempt, "lost", "lost", failure);
    if (isSuspect) tasksOf(attempt.stage).suspects.add(attempt.index);
    this.again(attempt, twin, isCharged ? failure : undefined);
    if (isSuspect && attempt.alone) this.#graph.failStage(attempt.stage, failure);
    if (isCharged || !hadStarted) return;
    const losses = tasksOf(attempt.stage).countLoss(attempt.index);
    if (losses >= this.#state.limits.unchargedLossesMax) {
      this.#graph.failStage(attempt.stage, exhausted(failure, losses));
    }
  }

  /** The partition of an attempt that has ended runs again, unless its twin still does; `charge`: it counts as a failure. */
  again(attempt: Attempt, twin: Attempt | undefined, charge: Failure | undefined): void {
    const { stage, index, executor } = attempt;
    const tasks = tasksOf(stage);
    if (stage.isBarrier) tasks.reopen(index);
    else if (twin === undefined && tasks.suspects.has(index)) {
      tasks.setAlone(index);
      this.#state.loneStages.add(stage);
    } else if (twin === undefined) {
      if (charge === undefined) requeue(this.#state, stage, index);
      else {
        tasks.reopen(index);
        tasks.pending.retry(index, executor, this.#state.now);
        queueStage(this.#state, stage);
      }
    }
    if (charge !== undefined) {
      const failures = tasks.countFailure(index, executor);
      if (failures >= this.#state.limits.taskFailuresMax) this.#graph.failStage(stage, exhausted(charge, failures));
    }
    if (stage.isBarrier) restart(this.#state, stage, "another task of its barrier stage ended without success");
  }

  #find(event: {
    readonly executorId: string;
    readonly incarnation: string;
    readonly taskId: number;
  }): Attempt | undefined {
    const executor = this.#state.executors.current(event.executorId, event.incarnation);
    return executor?.attempts.get(event.taskId);
  }

  #accept(attempt: Attempt, mapOutput: MapOutputData | undefined): void {
    const { stage, index, order, executor } = attempt;
    const { shuffle } = stage;
    const tasks = tasksOf(stage);
    tasks.complete(index);
    const { stageId, partition, taskId } = order;
    const jobIds = [...stage.members.keys()];
    this.#state.emit({
      type: "accept",
      jobIds,
      stageId,
      partition,
      taskId,
      executorId: executor.executorId,
      run: stage.run,
    });
    if (shuffle === undefined) {
      if (tasks.doneCount === tasks.size) this.#graph.touch(stage);
      return;
    }
    assert(mapOutput !== undefined, "a map task that counts has an output");
    const { differs } = shuffle.put(order, executor, mapOutput, this.#state.step);
    // It may be given to another before it is known to be.
    if (executor.state === "decommissioning") shuffle.mayHaveStrays = true;
    if (differs) rollBackReaders(this.#state, this.#graph, shuffle, stageId, partition);
    this.#graph.noteShuffle(shuffle);
  }

  #fail(attempt: Attempt, failure: Failure): void {
    const told = placed(failure, attempt.order, attempt.executor.executorId);
    const twin = detach(this.#state, attempt);
    close(this.#state, attempt, "failed", "failed", told);
    switch (judge(failure)) {
      case "failJob":
        this.again(attempt, twin, undefined);
        this.#graph.failStage(attempt.stage, told);
        return;
      case "retry":
        if (failure.code === "OUT_OF_MEMORY") tasksOf(attempt.stage).suspects.add(attempt.index);
        this.again(attempt, twin, told);
        // It had the executor to itself: more memory it cannot have.
        if (failure.code === "OUT_OF_MEMORY" && attempt.alone) this.#graph.failStage(attempt.stage, told);
        return;
      case "fetchFailed":
        this.#fetchFailed(attempt, twin, told, failure.fetch as Fetch);
    }
  }

  #fetchFailed(attempt: Attempt, twin: Attempt | undefined, failure: Failure, fetch: Fetch): void {
    const state = this.#state;
    const { stage } = attempt;
    const shuffle = state.outputs.byId.get(fetch.shuffleId);
    if (shuffle === undefined || !shuffle.consumers.has(stage) || fetch.mapPartition >= shuffle.size) {
      this.again(attempt, twin, {
        ...failure,
        message: `${failure.message} (of a shuffle that the stage does not read)`,
      });
      return;
    }
    this.again(attempt, twin, undefined);
    // What was lost or came since its launch explains the failure.
    if (attempt.launchedStep < shuffle.changedStepOf(fetch.mapPartition)) return;
    this.#countFetchFailure(attempt, failure, fetch);
    const holder = state.executors.at(shuffle.holderOf(fetch.mapPartition));
    if (holder === undefined || holder.executorId !== fetch.executorId) return;
    if (holder !== attempt.executor) strike(state, this.#graph, attempt.executor, holder);
    // One failure a run is all that may be had, so all that this stage would read from there is given up at once.
    for (const parent of stage.parents) dropOutputs(state, this.#graph, parent, outputsOn(parent, holder));
  }

  /** Once for each run of the stage; too many in a row abort it. */
  #countFetchFailure(attempt: Attempt, failure: Failure, fetch: Fetch): void {
    const { stage } = attempt;
    if (attempt.run <= stage.fetchFailedUpTo) return;
    stage.fetchFailedUpTo = stage.run;
    // What is launched from now on belongs to a later run, even if no parent has to run again.
    stage.run++;
    if (stage.shuffle !== undefined) stage.shuffle.run = stage.run;
    stage.fetchFailures.push(
      `run ${attempt.run}: partition ${attempt.order.partition} on ${attempt.executor.executorId} could not read map output ` +
        `${fetch.mapPartition} of shuffle ${fetch.shuffleId} from ${fetch.executorId}: ${failure.message}`,
    );
    const max = this.#state.limits.stageFetchFailuresMax;
    if (stage.fetchFailures.length < max) return;
    const story = stage.fetchFailures.slice(-max).join("\n  ");
    this.#graph.failStage(stage, {
      code: "STAGE_ABORTED",
      message: `stage ${attempt.order.stageId} could not read its shuffles ${max} times in a row:\n  ${story}`,
      details: { stageId: attempt.order.stageId },
      cause: failure.cause,
    });
  }

  /** The partition has succeeded: where it failed before, the place was at fault. */
  #blameOthers(attempt: Attempt): void {
    const { failedOn } = tasksOf(attempt.stage);
    const places: readonly Executor[] | undefined = failedOn.get(attempt.index);
    if (places === undefined) return;
    failedOn.delete(attempt.index);
    for (const place of places) if (place !== attempt.executor) blame(this.#state, this.#graph, place);
  }
}

/** A slow task counts at once, a short one by half: what waits behind a slow one is what hurts. */
function recentMs(before: number, runMs: number): number {
  const now = Math.max(runMs, SHORTEST_MS);
  return before === 0 || now > before ? now : (before + now) / 2;
}

/** Shorter run times are not told apart. */
const SHORTEST_MS = 0.1;
