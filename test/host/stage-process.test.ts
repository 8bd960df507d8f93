/** A stage in a plain process that knows nothing but its stdin and stdout: what other clusters' workers would be asked to run. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { captureEnvelope } from "@volley/driver/closure/capture.js";
import { collect } from "@volley/engine/actions/collect.js";
import { knownNameOf } from "@volley/engine/closure/known-classes.js";
import { decodeRows } from "@volley/engine/columnar/block-reader.js";
import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import type { ClassRegistry } from "@volley/engine/columnar/types.js";
import { operatorOf } from "@volley/engine/operators/define-operator.js";
import { parentsFirst } from "@volley/engine/plan/lineage.js";
import { planJob } from "@volley/engine/plan/plan-job.js";
import type { PlannedStage } from "@volley/engine/plan/planned-job.js";
import { CallSite } from "@volley/engine/rdd/call-site.js";
import type { RddNode } from "@volley/engine/rdd/node.js";
import { StorageLevel } from "@volley/engine/task/storage-level.js";
import { decodeFrames, encodeFrames } from "@volley/engine/wire/frames.js";
import { StageProcessReplySchema, type StageProcessRequest } from "@volley/engine/wire/stage-process.js";
import { expect, it } from "vitest";
import { VolleyContext } from "volley";

const ENTRY = fileURLToPath(new URL("../../packages/volley/dist/entries/stage.js", import.meta.url));
const NO_CLASSES: ClassRegistry = {
  idOf: () => undefined,
  byId: () => {
    throw new Error("should not be reached");
  },
};

/** Plans a job over a lineage and captures what its functions need, as the driver does. */
function plan(node: RddNode): { stages: readonly PlannedStage[]; envelopes: Uint8Array[] } {
  const counts = new Map<RddNode, number>();
  const facts = {
    numPartitions: (at: RddNode) => counts.get(at) as number,
    prepared: <T>() => undefined as T,
    storageLevel: () => StorageLevel.NONE,
    checkpoint: () => undefined,
  };
  for (const at of parentsFirst([node], (one) => one.inputs)) {
    counts.set(at, operatorOf(at).partitions?.(at, facts) ?? facts.numPartitions(at.inputs[0] as RddNode));
  }
  const site = new CallSite("collect");
  const envelopes: Uint8Array[] = [];
  const capture = (values: readonly unknown[]) => {
    const { bytes } = captureEnvelope(values, {
      describe: () => ({ operator: "test", ...site.place }),
      known: knownNameOf,
      handle: () => undefined,
      classId: () => 0,
    });
    return envelopes.push(bytes) - 1;
  };
  let ids = 0;
  const job = planJob({
    node,
    sink: collect(),
    partitions: Array.from({ length: facts.numPartitions(node) }, (_, index) => index),
    site,
    facts,
    plannedStage: () => undefined,
    nextStageId: () => ids++,
    nextStageKey: () => ids++,
    captured: (owner, index) => {
      const values =
        "inputs" in owner ? operatorOf(owner).bindings?.(owner.params) : owner.operator.bindings?.(owner.params);
      return [capture([values?.[index]]), 0];
    },
    captureLate: (values) => values.map((value) => [capture([value]), 0] as const),
  });
  return { stages: job.stages, envelopes };
}

/** Runs one task in a process of its own. */
function runTask(
  stage: PlannedStage,
  partition: number,
  envelopes: Uint8Array[],
  blocks: Map<string, Uint8Array>,
  segments: Map<number, Uint8Array[]>,
) {
  const { pipeline, roots, inputs } = stage.task(partition);
  const frames: Uint8Array[] = [];
  const add = (bytes: Uint8Array) => frames.push(bytes) - 1;
  const request: StageProcessRequest = {
    stage: JSON.parse(JSON.stringify(stage.spec)),
    task: {
      taskId: partition,
      jobId: 0,
      stageId: stage.stageId,
      stageKey: stage.spec.stageKey,
      partition,
      attempt: 0,
      pipeline,
      roots: [...roots],
      inputs: JSON.parse(JSON.stringify(inputs)),
      seed: 1,
    },
    envelopes: envelopes.map((bytes, envelopeId) => ({ envelopeId, frame: add(bytes) })),
    blocks: [...blocks].map(([name, bytes]) => ({ name, frame: add(bytes) })),
    segments: [...segments].map(([shuffleId, parts]) => ({ shuffleId, frames: parts.map(add) })),
  };
  const done = spawnSync(process.execPath, [ENTRY], {
    input: Buffer.concat(encodeFrames(JSON.stringify(request), frames)),
    maxBuffer: 1 << 28,
  });
  expect(done.stderr.toString()).toBe("");
  const { json, frames: out } = decodeFrames(new Uint8Array(done.stdout));
  return { reply: StageProcessReplySchema.parse(JSON.parse(json)), out: out.map((bytes) => new Uint8Array(bytes)) };
}

it("runs a map stage and a result stage over stdin and stdout", async () => {
  const vc = await VolleyContext.create({ master: "local" });
  const bound = 3;
  const words = ["a", "b", "a", "c", "b", "a", "long", "longer"];
  const counts = vc
    .parallelize(words, 2)
    .filter((word) => word.length < bound + 2)
    .map((word) => [word, 1])
    .reduceByKey((a, b) => a + b, 2);
  const { stages, envelopes } = plan(counts.node);
  const [map, result] = stages as [PlannedStage, PlannedStage];
  const source = counts.node.inputs[0]?.inputs[0]?.inputs[0]?.id;
  const slices = [words.slice(0, 4), words.slice(4)];
  const blocks = new Map(slices.map((rows, index) => [`source_${source}_${index}`, encodeRows(rows, NO_CLASSES)]));
  const outputs = [0, 1].map((partition) => runTask(map, partition, envelopes, blocks, new Map()));
  const answer = [0, 1].flatMap((reduce) => {
    const segments = outputs.flatMap(({ reply, out }) => {
      if (reply.outcome !== "succeeded" || reply.mapOutput === undefined) throw new Error(JSON.stringify(reply));
      const { frame, offsets } = reply.mapOutput;
      const segment = (out[frame] as Uint8Array).slice(offsets[reduce], offsets[reduce + 1]);
      return segment.byteLength === 0 ? [] : [segment];
    });
    const { reply, out } = runTask(result, reduce, envelopes, new Map(), new Map([[counts.node.id, segments]]));
    if (reply.outcome !== "succeeded" || reply.result === undefined) throw new Error(JSON.stringify(reply));
    return decodeRows(out[reply.result] as Uint8Array, NO_CLASSES) as [string, number][];
  });
  await vc.stop();
  expect(new Map(answer)).toEqual(
    new Map([
      ["a", 3],
      ["b", 2],
      ["c", 1],
      ["long", 1],
    ]),
  );
});
