/** An executor is gone: its tasks run again elsewhere, what it held is lost, and its incarnation is fenced off. */

import type { LastWords } from "@volley/engine/wire/last-words.js";
import { restart } from "./attempts.js";
import type { CoreState } from "./core-state.js";
import type { LossReason } from "./events.js";
import type { Executor } from "./executors.js";
import { forgetPreference } from "./health.js";
import { outputsOn } from "./map-output-loss.js";
import { outOfMemory, suspects } from "./out-of-memory.js";
import { isCharged, lossFailure } from "./retry-policy.js";
import type { StageGraph } from "./stages.js";
import type { TaskEnds } from "./task-ends.js";

export interface Loss {
  readonly cause: LossReason;
  readonly detail: string;
  readonly lastWords?: LastWords | undefined;
}

export function loseExecutor(
  state: CoreState,
  graph: StageGraph,
  ends: TaskEnds,
  executor: Executor,
  { cause, detail, lastWords }: Loss,
): void {
  // However it went: it had said that it would.
  const reason = executor.state === "decommissioning" && cause !== "replaced" ? "decommissioned" : cause;
  const { executorId, incarnation } = executor;
  if (executor.state === "excluded") state.executors.excludedCount--;
  if (executor.state === "decommissioning") state.executors.decommissioningCount--;
  executor.state = state.transitions.move("executor", executor.index, executor.state, "lost", state.step);
  const attempts = [...executor.attempts.values()];
  const started = new Set(attempts.filter((attempt) => attempt.startedAt >= 0));
  state.executors.remove(executor);
  state.emit({ type: "fence", executorId, incarnation });
  state.note({ kind: "executorRemoved", executorId, reason, detail });
  state.blocks.removeHolder(executor);
  forgetPreference(state, graph, executor);
  const suspected = reason === "outOfMemory" ? suspects([...started], lastWords) : [];
  for (const attempt of attempts) {
    // A barrier stage that was restarted for one of them has told the others to stop; they go the way of the stopped.
    const hadStarted = started.has(attempt);
    const isSuspect = suspected.includes(attempt);
    const failure = isSuspect
      ? outOfMemory(attempt, detail, lastWords)
      : lossFailure(attempt.order, executorId, reason, detail);
    const isKnown = reason !== "outOfMemory" || (isSuspect && suspected.length === 1);
    ends.lost(attempt, failure, { isCharged: isKnown && isCharged(reason, hadStarted), hadStarted, isSuspect });
  }
  loseHeld(state, graph, executor);
  for (const shuffle of state.outputs.byId.values()) {
    if (shuffle.isHeldBy(executor.index)) graph.loseOutputs(shuffle, outputsOn(shuffle, executor));
  }
  state.freed.delete(executor);
}

/** Results of barrier tasks that wait for the others. */
function loseHeld(state: CoreState, graph: StageGraph, executor: Executor): void {
  for (const stage of graph.stages) {
    if (!stage.isBarrier || stage.tasks === undefined) continue;
    for (const { attempt } of stage.tasks.held.values()) {
      if (attempt.executor !== executor) continue;
      restart(state, stage, "the result of another task of its barrier stage was lost");
      break;
    }
  }
}
