/**
 * Tasks that must run alone: in an executor that runs nothing else meanwhile. One executor at a time is set apart for them; it gets no other tasks,
 * and when its last one has ended it runs them one after the other.
 */

import { launch } from "./attempts.js";
import type { CoreState } from "./core-state.js";
import type { Executor } from "./executors.js";
import type { Stage } from "./stage.js";

/** May it be given tasks? */
export function mayTake(state: CoreState, executor: Executor): boolean {
  return executor.state === "alive" && state.now >= executor.backoffUntil;
}

export function placeLoneTasks(state: CoreState): void {
  if (state.loneStages.size === 0 && state.setApart === undefined) return;
  const stage = nextStage(state);
  const apart = state.setApart;
  if (apart !== undefined && !runsLone(apart) && (stage === undefined || !mayTake(state, apart))) release(state);
  if (stage === undefined) return;
  state.setApart ??= emptiest(state);
  const executor = state.setApart;
  if (executor === undefined || executor.attempts.size > 0) return;
  launch(state, stage, stage.tasks?.takeAlone() ?? -1, executor, undefined, true);
}

/** A running stage with a partition that waits to run alone. */
function nextStage(state: CoreState): Stage | undefined {
  for (const stage of state.loneStages) {
    if (stage.tasks === undefined || stage.tasks.aloneCount === 0) state.loneStages.delete(stage);
    else if (stage.state === "running") return stage;
  }
  return undefined;
}

function emptiest(state: CoreState): Executor | undefined {
  let found: Executor | undefined;
  for (const executor of state.executors.all) {
    if (!mayTake(state, executor)) continue;
    if (found === undefined || executor.attempts.size < found.attempts.size) found = executor;
  }
  return found;
}

function runsLone(executor: Executor): boolean {
  for (const attempt of executor.attempts.values()) if (attempt.alone) return true;
  return false;
}

/** It takes part again. */
function release(state: CoreState): void {
  state.setApart = undefined;
  state.mustLookEverywhere = true;
}
