import { TaskFetchError } from "@volley/engine/task/task-io.js";
import { describe, expect, test } from "vitest";
import type { SlotChannel } from "../task/slot-channel.js";
import {
  type LocalOutput,
  MEMORY,
  MEMORY_BYTES,
  type SegmentPlace,
  type SlotAnswers,
  type SlotRequest,
} from "../task/slot-messages.js";
import { readSegments, type SegmentRead } from "./read-segments.js";
import { RememberedOutputs } from "./remembered-outputs.js";

const SHUFFLE = 7;

/** Two reducers; the segment of map partition m for reducer r is one byte, 10 m + r. */
function outputOf(mapPartition: number): LocalOutput {
  const bytes = new Uint8Array(new SharedArrayBuffer(2));
  bytes.set([10 * mapPartition, 10 * mapPartition + 1]);
  return {
    mapPartition,
    place: { at: "memory", bytes },
    offsets: Float64Array.of(0, 1, 2),
    checksums: new Uint32Array(2),
  };
}

/** A slot whose main thread gives these answers, one after the other, and notes which map partitions it was asked for. */
function slot(...answers: (() => SlotAnswers["segments"])[]) {
  const cells = new Int32Array(new SharedArrayBuffer(MEMORY_BYTES));
  const asked: unknown[] = [];
  const ask = (request: SlotRequest & { op: "segments" }): SlotAnswers["segments"] => {
    asked.push(request.mapRange);
    const answer = answers.shift();
    if (answer === undefined) throw new TaskFetchError({ shuffleId: SHUFFLE, mapPartition: 0, executorId: "" }, "gone");
    return answer();
  };
  const outputsChanged = () => Atomics.add(cells, MEMORY.outputsGeneration, 1);
  const whole = (count: number) => () => ({
    generation: Atomics.load(cells, MEMORY.outputsGeneration),
    outputs: Array.from({ length: count }, (_, mapPartition) => outputOf(mapPartition)),
  });
  const remembered = new RememberedOutputs(cells);
  const read = (mapRange?: SegmentRead["mapRange"]) =>
    readSegments({ ask } as unknown as SlotChannel, remembered, {
      shuffleId: SHUFFLE,
      reducePartition: 1,
      mapRange,
      executorId: "e",
    });
  return { asked, answers, outputsChanged, whole, read };
}

const valuesOf = (segments: Iterable<Uint8Array>) => [...segments].flatMap((bytes) => [...bytes]);

describe("readSegments", () => {
  test("asks once for a shuffle that lies here whole, in the order of its map partitions", () => {
    const { asked, answers, whole, read } = slot();
    answers.push(whole(4));
    expect(valuesOf(read())).toEqual([1, 11, 21, 31]);
    expect(valuesOf(read([1, 3]))).toEqual([11, 21]);
    expect(valuesOf(read([2, 2]))).toEqual([]);
    expect(asked).toEqual([undefined]);
  });

  test("asks again for what is left when outputs moved meanwhile", () => {
    const { asked, answers, outputsChanged, whole, read } = slot();
    answers.push(whole(4), whole(4));
    const segments = read();
    expect([segments.next().value?.[0], segments.next().value?.[0]]).toEqual([1, 11]);
    outputsChanged();
    expect(valuesOf(segments)).toEqual([21, 31]);
    expect(asked).toEqual([undefined, [2, Number.POSITIVE_INFINITY]]);
  });

  test("goes on where it was when what is left no longer lies here whole", () => {
    const { asked, answers, outputsChanged, whole, read } = slot();
    const left = (mapPartition: number): SegmentPlace => ({
      at: "memory",
      bytes: Uint8Array.of(10 * mapPartition + 1),
      mapPartition,
    });
    answers.push(whole(4), () => ({ segments: [left(1), left(2)] }));
    const segments = read([0, 3]);
    expect(segments.next().value?.[0]).toBe(1);
    outputsChanged();
    expect(valuesOf(segments)).toEqual([11, 21]);
    expect(asked).toEqual([
      [0, 3],
      [1, 3],
    ]);
  });

  test("fails when an output is gone", () => {
    const { answers, outputsChanged, whole, read } = slot();
    answers.push(whole(2));
    const segments = read();
    segments.next();
    outputsChanged();
    expect(() => segments.next()).toThrow(TaskFetchError);
  });
});
