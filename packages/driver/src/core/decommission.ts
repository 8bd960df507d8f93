/**
 * An executor that leaves (Spark's decommissioning). It takes no more tasks, those that run may end, and meanwhile it gives what it holds to
 * others; then it goes, and what had not been moved in time is lost like anything else. Nobody is charged for its going.
 */

import type { CoreState } from "./core-state.js";
import type { CoreEvent } from "./events.js";
import type { Executor } from "./executors.js";
import { forgetPreference } from "./health.js";
import type { StageGraph } from "./stages.js";

/** It said that it will be gone after `graceMs`. Said again: nothing new. */
export function decommission(state: CoreState, graph: StageGraph, executor: Executor, graceMs: number): void {
  if (executor.state === "decommissioning") return;
  if (executor.state === "excluded") state.executors.excludedCount--;
  executor.state = state.transitions.move("executor", executor.index, executor.state, "decommissioning", state.step);
  executor.leavesAt = state.now + graceMs;
  state.executors.decommissioningCount++;
  forgetPreference(state, graph, executor);
  // Whom it gives them to is known when it has told; should it not come to that, only a removal everywhere reaches the copies.
  for (const shuffle of state.outputs.byId.values()) if (shuffle.isHeldBy(executor.index)) shuffle.mayHaveStrays = true;
  state.note({ kind: "executorDecommissioning", executorId: executor.executorId });
}

/** A map output has arrived elsewhere. If it is no longer what counts, the copy goes. */
export function moveOutput(
  state: CoreState,
  from: Executor,
  { shuffleId, mapPartition, attempt, toExecutorId }: Extract<CoreEvent, { type: "mapOutputMoved" }>,
): void {
  const shuffle = state.outputs.byId.get(shuffleId);
  const to = state.executors.get(toExecutorId);
  if (to === undefined || to === from) return;
  const counts = shuffle?.holderOf(mapPartition) === from.index && shuffle.attemptOf(mapPartition) === attempt;
  if (shuffle === undefined || !counts) {
    // Told twice: the first time it was moved.
    if (shuffle?.holderOf(mapPartition) === to.index && shuffle.attemptOf(mapPartition) === attempt) return;
    state.emit({
      type: "removeOutput",
      executorId: toExecutorId,
      shuffle: { shuffleId, mapPartition, attempt },
    });
    return;
  }
  // One that leaves as well takes it along, to wherever it goes on from there.
  if (to.state === "decommissioning") shuffle.mayHaveStrays = true;
  shuffle.move(mapPartition, to, state.step);
}

/** Those whose time is long over and who are still there. */
export function overdue(state: CoreState): Executor[] {
  const { executors, limits, now } = state;
  if (executors.decommissioningCount === 0) return [];
  return executors.all.filter(
    (executor) => executor.state === "decommissioning" && now >= executor.leavesAt + limits.leaveSlackMs,
  );
}
