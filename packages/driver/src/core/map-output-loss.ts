/** Map outputs that no longer count: their executor is gone, cannot be read from, they were rolled back, or their job failed. */

import type { CoreState } from "./core-state.js";
import type { Executor } from "./executors.js";
import type { Shuffle } from "./map-outputs.js";
import type { StageGraph } from "./stages.js";

/** Forgets outputs and has their blocks dropped where they are. */
export function dropOutputs(
  state: CoreState,
  graph: StageGraph,
  shuffle: Shuffle,
  mapPartitions: readonly number[],
): void {
  for (const mapPartition of mapPartitions) discardOutput(state, shuffle, mapPartition);
  graph.loseOutputs(shuffle, mapPartitions);
}

/**
 * No job writes the shuffle any more, and it never was whole: what is there goes. It would take room until the RDD is let go of, and the
 * next job reads anew what functions refer to: outputs of two jobs must not be mixed.
 */
export function dropUnfinished(state: CoreState, shuffle: Shuffle): void {
  if (shuffle.stage !== undefined || shuffle.wasWhole) return;
  for (let mapPartition = 0; mapPartition < shuffle.size; mapPartition++) {
    if (!shuffle.has(mapPartition)) continue;
    discardOutput(state, shuffle, mapPartition);
    shuffle.drop(mapPartition, state.step);
  }
  shuffle.forgetDigests();
  // Should a removal not arrive, the one at the shuffle's end goes everywhere.
  shuffle.mayHaveStrays = true;
}

function discardOutput(state: CoreState, shuffle: Shuffle, mapPartition: number): void {
  const holder = state.executors.at(shuffle.holderOf(mapPartition));
  if (holder === undefined) return;
  const { shuffleId } = shuffle;
  state.emit({
    type: "discard",
    taskId: shuffle.taskIdOf(mapPartition),
    executorId: holder.executorId,
    shuffle: { shuffleId, mapPartition, attempt: shuffle.attemptOf(mapPartition) },
  });
}

/** All that one executor holds of a shuffle. */
export function outputsOn(shuffle: Shuffle, executor: Executor): number[] {
  return shuffle.heldBy(executor.index).sort((a, b) => a - b);
}
