/**
 * A map output was computed again and its rows are not those of the attempt that others have read (architecture, D6). What was made of
 * the old rows must not be mixed with what will be made of the new ones: all of it, however indirect, is dropped and computed again; and
 * where a job has been handed results made of the old rows, it fails.
 */

import type { Failure } from "@volley/engine/wire/errors.js";
import { restart } from "./attempts.js";
import type { CoreState } from "./core-state.js";
import { dropOutputs } from "./map-output-loss.js";
import type { Shuffle } from "./map-outputs.js";
import type { Stage } from "./stage.js";
import type { StageGraph } from "./stages.js";

const REASON = "it may have read rows of a map output that came out otherwise when it was computed again";

export function rollBackReaders(
  state: CoreState,
  graph: StageGraph,
  changed: Shuffle,
  stageId: number,
  partition: number,
): void {
  const failure: Failure = {
    code: "NONDETERMINISTIC_OUTPUT",
    message:
      `partition ${partition} of stage ${stageId} gave other rows when it was computed again after a loss, and results made of ` +
      "the first ones have been handed out; make the functions before this shuffle depend on their rows alone, or checkpoint",
    details: { stageId, partition },
  };
  const reached = new Set<Shuffle>([changed]);
  for (const shuffle of reached) {
    for (const stage of shuffle.consumers) rollBackStage(state, graph, stage, failure);
    for (const reader of shuffle.readers) {
      // Without a digest nothing was ever made of the old rows here.
      if (reached.has(reader) || reader.digestCount === 0) continue;
      reached.add(reader);
      dropOutputs(
        state,
        graph,
        reader,
        range(reader.size).filter((index) => reader.has(index)),
      );
      reader.forgetDigests();
    }
  }
}

/** A stage that reads the shuffle: what runs of it is void; what a map stage wrote is dropped by its shuffle. */
function rollBackStage(state: CoreState, graph: StageGraph, stage: Stage, failure: Failure): void {
  if (stage.tasks === undefined || stage.state === "done") return;
  if (stage.shuffle === undefined && stage.tasks.doneCount > 0) {
    graph.failStage(stage, failure);
    return;
  }
  if (stage.shuffle !== undefined) {
    const { shuffle } = stage;
    dropOutputs(
      state,
      graph,
      shuffle,
      range(shuffle.size).filter((index) => shuffle.has(index)),
    );
  }
  restart(state, stage, REASON);
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index);
}
