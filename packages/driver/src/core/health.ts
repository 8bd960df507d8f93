/**
 * Which executors are not to be trusted with tasks for a while.
 *
 * Evidence is what distinguishes an executor from others: a partition that failed here and then succeeded elsewhere, or fetches that fail
 * with it at one end. A user's bug fails everywhere and blames nobody.
 */

import type { CoreState } from "./core-state.js";
import type { Executor } from "./executors.js";
import type { StageGraph } from "./stages.js";

/** A partition that failed on `executor` has succeeded elsewhere. */
export function blame(state: CoreState, graph: StageGraph, executor: Executor): void {
  if (executor.state === "lost") return;
  executor.blames++;
  if (executor.blames >= state.limits.blamesToExclude) exclude(state, graph, executor);
}

/** A success pays for one failure. */
export function praise(executor: Executor): void {
  if (executor.blames > 0) executor.blames--;
}

/** `reader` could not fetch from `holder`: either may be at fault. */
export function strike(state: CoreState, graph: StageGraph, reader: Executor, holder: Executor): void {
  for (const [executor, against] of [
    [reader, holder],
    [holder, reader],
  ] as const) {
    executor.strikes.push({ against, at: state.now });
    // An end that died since explains its strikes.
    const valid = executor.strikes.filter(
      ({ against: other, at }) => other.state !== "lost" && state.now - at < state.limits.excludeMs,
    );
    executor.strikes.splice(0, executor.strikes.length, ...valid.slice(-state.limits.fetchStrikesToExclude));
    if (executor.strikes.length >= state.limits.fetchStrikesToExclude) exclude(state, graph, executor);
  }
}

/** Excluded ones whose time is over get tasks again. */
export function readmit(state: CoreState): void {
  const { executors } = state;
  if (executors.excludedCount === 0) return;
  for (const executor of executors.all) {
    if (executor.state !== "excluded" || state.now < executor.excludedUntil) continue;
    executor.state = state.transitions.move("executor", executor.index, executor.state, "alive", state.step);
    executors.excludedCount--;
    executor.blames = 0;
    executor.strikes.length = 0;
    state.mustLookEverywhere = true;
    state.note({ kind: "executorIncluded", executorId: executor.executorId });
  }
}

/** No more than a part of all: beyond it the fault is not the executors'. */
function exclude(state: CoreState, graph: StageGraph, executor: Executor): void {
  const { executors, limits } = state;
  if (executor.state !== "alive") return;
  if (executors.excludedCount + 1 > Math.floor(executors.count * limits.excludedShareMax)) return;
  executor.state = state.transitions.move("executor", executor.index, executor.state, "excluded", state.step);
  executor.excludedUntil = state.now + limits.excludeMs;
  executors.excludedCount++;
  forgetPreference(state, graph, executor);
  state.note({ kind: "executorExcluded", executorId: executor.executorId });
}

/** What was to run there because of its blocks may run anywhere. */
export function forgetPreference(state: CoreState, graph: StageGraph, executor: Executor): void {
  const isHostLeft = executor.state !== "lost" || state.executors.hasHost(executor.host);
  for (const stage of graph.stages) stage.tasks?.pending.evict(executor, isHostLeft);
}
