/** Map outputs that no longer count: their executor is gone, cannot be read from, or they were rolled back. */

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
  const { shuffleId } = shuffle;
  for (const mapPartition of mapPartitions) {
    const holder = state.executors.at(shuffle.holderOf(mapPartition));
    if (holder === undefined) continue;
    const output = { shuffleId, mapPartition, attempt: shuffle.attemptOf(mapPartition) };
    state.emit({
      type: "discard",
      taskId: shuffle.taskIdOf(mapPartition),
      executorId: holder.executorId,
      shuffle: output,
    });
  }
  graph.loseOutputs(shuffle, mapPartitions);
}

/** All that one executor holds of a shuffle. */
export function outputsOn(shuffle: Shuffle, executor: Executor): number[] {
  return shuffle.heldBy(executor.index).sort((a, b) => a - b);
}
