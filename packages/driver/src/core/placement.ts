/**
 * Hands tasks to executors.
 *
 * First into idle slots, the emptiest executor first; then, so that a slot need not wait for a round trip when a task ends, behind the
 * running ones: up to `prefetchFactor` tasks a slot, but no more than an equal share of what is pending, lest the last tasks queue up
 * behind slow ones while other executors idle. Usually one executor got one slot free, and only it is looked at.
 */

import type { Attempt } from "./attempt.js";
import { launch, tasksOf } from "./attempts.js";
import type { CoreState } from "./core-state.js";
import type { Executor } from "./executors.js";
import type { Reach } from "./locality.js";
import { mayTake, placeLoneTasks } from "./lone-tasks.js";
import { compareStages } from "./pools.js";
import { isSlow, slowAfterMs, willBeCutShort } from "./speculation.js";
import type { Stage } from "./stage.js";

export function placeTasks(state: CoreState): void {
  const { pools } = state;
  placeLoneTasks(state);
  if (pools.queuedCount > 0) {
    const held = pools.barriers.size > 0 ? placeBarriers(state) : undefined;
    if (state.mustLookEverywhere) fillAll(state, held);
    else for (const executor of state.freed) fillOne(state, executor, held);
  }
  state.mustLookEverywhere = false;
  if (state.freed.size > 0) state.freed.clear();
}

/** May it be given any that come? */
function isUsable(state: CoreState, executor: Executor): boolean {
  return mayTake(state, executor) && executor !== state.setApart;
}

/** Marks slow tasks of running stages, to be tried elsewhere as well. */
export function findSlowTasks(state: CoreState, stages: Iterable<Stage>): void {
  for (const stage of stages) {
    const { tasks } = stage;
    if (tasks === undefined || stage.state !== "running" || stage.isBarrier || tasks.running.size === 0) continue;
    const slowMs = slowAfterMs(state.limits.speculation, tasks.size, tasks.doneCount, tasks.runtimes);
    if (slowMs === undefined && state.executors.decommissioningCount === 0) continue;
    const medianMs = tasks.runtimes.medianMs();
    tasks.slow.clear();
    for (const attempt of tasks.running) {
      if (attempt.twin !== undefined || attempt.alone) continue;
      const isLate = slowMs !== undefined && isSlow(attempt, state.now, slowMs, medianMs);
      if (isLate || willBeCutShort(attempt, medianMs)) tasks.slow.push(attempt);
    }
    if (tasks.slow.size === 0) continue;
    state.pools.add(stage);
    state.mustLookEverywhere = true;
  }
}

function fillAll(state: CoreState, held: Stage | undefined): void {
  const usable = state.executors.all.filter((executor) => isUsable(state, executor));
  // Everybody first gets what is local, so that nobody takes what another would have read from its own memory.
  for (const reach of ["local", "any"] as const) {
    spread(state, usable, held, reach, (executor) => executor.slots);
  }
  const most = usable.reduce((max, executor) => Math.max(max, queueMax(state, executor)), 0);
  const share = prefetchShare(state, most);
  if (share === 0) return;
  spread(state, usable, held, "local", (executor) => executor.slots + Math.min(share, queueMax(state, executor)));
}

function fillOne(state: CoreState, executor: Executor, held: Stage | undefined): void {
  if (!isUsable(state, executor)) return;
  while (executor.attempts.size < executor.slots && give(state, executor, held, "any"));
  if (executor.attempts.size < executor.slots) return;
  const limit = executor.slots + prefetchShare(state, queueMax(state, executor));
  while (executor.attempts.size < limit && give(state, executor, held, "local"));
}

/** Level by level: nobody gets a second task before all others that could have a first one. */
function spread(
  state: CoreState,
  usable: readonly Executor[],
  held: Stage | undefined,
  reach: Reach,
  limitOf: (executor: Executor) => number,
): void {
  let open = usable.filter((executor) => executor.attempts.size < limitOf(executor));
  let level = open.reduce((least, executor) => Math.min(least, executor.attempts.size), Number.POSITIVE_INFINITY);
  while (open.length > 0 && state.pools.queuedCount > 0) {
    const next: Executor[] = [];
    for (const executor of open) {
      if (executor.attempts.size > level) next.push(executor);
      else if (give(state, executor, held, reach) && executor.attempts.size < limitOf(executor)) next.push(executor);
    }
    open = next;
    level++;
  }
}

/** Gives the executor one task; false when there is none for it. */
function give(state: CoreState, executor: Executor, held: Stage | undefined, reach: Reach): boolean {
  const dry: Stage[] = [];
  let found = false;
  for (const stage of state.pools.ordered()) {
    if (held !== undefined && compareStages(stage, held) >= 0) break;
    if (stage.isBarrier) continue;
    found = giveOf(state, stage, executor, reach);
    if (!tasksOf(stage).hasWork) dry.push(stage);
    if (found) break;
  }
  for (const stage of dry) state.pools.remove(stage);
  return found;
}

function giveOf(state: CoreState, stage: Stage, executor: Executor, reach: Reach): boolean {
  const tasks = tasksOf(stage);
  if (tasks.pendingCount > 0) {
    const index = tasks.pending.take(executor, state.now, reach, state.executors.stayingCount === 1);
    if (index >= 0) {
      launch(state, stage, index, executor);
      return true;
    }
  }
  if (tasks.slow.size === 0 || executor.attempts.size >= executor.slots) return false;
  const original = takeSlow(tasks.slow, executor);
  if (original === undefined) return false;
  launch(state, stage, original.index, executor, original);
  return true;
}

/** The first slow attempt that still runs alone, and not here. */
function takeSlow(
  slow: { readonly size: number; shift(): Attempt | undefined; push(attempt: Attempt): void },
  executor: Executor,
): Attempt | undefined {
  for (let left = slow.size; left > 0; left--) {
    const attempt = slow.shift() as Attempt;
    if (attempt.state !== "launched" || attempt.twin !== undefined) continue;
    if (attempt.executor !== executor) return attempt;
    slow.push(attempt);
  }
  return undefined;
}

/** How many tasks each executor may have waiting: an equal share of what is pending, rounded down, and no more than `most`. */
function prefetchShare(state: CoreState, most: number): number {
  // An executor has room, so one at least stays.
  const count = state.executors.stayingCount;
  let pending = 0;
  for (const stage of state.pools.ordered()) {
    if (!stage.isBarrier) pending += tasksOf(stage).pendingCount;
    if (pending >= count * most) return most;
  }
  return Math.floor(pending / count);
}

/** How many tasks may wait there at the very most. */
function queueMax(state: CoreState, executor: Executor): number {
  const { prefetchFactor, queueTargetMs, queuePerSlotMax } = state.limits;
  const short = executor.recentMs > 0 ? Math.min(queuePerSlotMax, Math.floor(queueTargetMs / executor.recentMs)) : 0;
  return executor.slots * Math.max(prefetchFactor - 1, short);
}

/**
 * Barrier stages start when there are idle slots for all their tasks. Returns the first one that must wait though there are slots enough
 * in all: nothing that comes after it is started, so that slots run empty.
 */
function placeBarriers(state: CoreState): Stage | undefined {
  for (const stage of [...state.pools.barriers].sort(compareStages)) {
    const tasks = tasksOf(stage);
    // After a restart its own stopped tasks still hold slots.
    const usable = state.executors.all.filter((executor) => isUsable(state, executor));
    const needed = tasks.pendingCount;
    if (slotsInAll(state.executors.all.filter((executor) => mayTake(state, executor))) < needed) {
      if (stage.starvedSince < 0) stage.starvedSince = state.now;
      continue;
    }
    stage.starvedSince = -1;
    if (idleSlots(usable) < needed) return stage;
    startBarrier(state, stage, usable);
    state.pools.remove(stage);
  }
  return undefined;
}

function startBarrier(state: CoreState, stage: Stage, usable: readonly Executor[]): void {
  const tasks = tasksOf(stage);
  for (let level = 0; tasks.pendingCount > 0; level++) {
    for (const executor of usable) {
      if (tasks.pendingCount === 0) return;
      if (executor.attempts.size > level || executor.attempts.size >= executor.slots) continue;
      const index = tasks.pending.take(executor, state.now, "all", true);
      launch(state, stage, index, executor);
    }
  }
}

function slotsInAll(executors: readonly Executor[]): number {
  return executors.reduce((sum, executor) => sum + executor.slots, 0);
}

function idleSlots(executors: readonly Executor[]): number {
  return executors.reduce((sum, executor) => sum + Math.max(0, executor.slots - executor.attempts.size), 0);
}
