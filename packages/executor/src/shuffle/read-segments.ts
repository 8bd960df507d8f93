/** The slot's side of a shuffle read: the segments of one reduce partition in the order of their map partitions. */

import { assert } from "@volley/engine/lib/assert.js";
import { TaskFetchError } from "@volley/engine/task/task-io.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { noteShared } from "../blocks/shared-memory.js";
import { type FileRange, readBlockFile } from "../io/read-block-file.js";
import { readStream } from "../io/read-stream.js";
import type { SlotChannel } from "../task/slot-channel.js";
import type { LocalOutput, SegmentPlace } from "../task/slot-messages.js";
import type { RememberedOutputs } from "./remembered-outputs.js";
import { segmentParts } from "./segment-parts.js";

export interface SegmentRead {
  readonly shuffleId: number;
  readonly reducePartition: number;
  /** [from, until) */
  readonly mapRange?: readonly [number, number] | undefined;
  readonly executorId: string;
}

/**
 * Of outputs that lie here whole, only the one that is being read is held: those that go to the disk while a task reads give their memory back, and
 * are read from there.
 */
export function* readSegments(
  channel: SlotChannel,
  remembered: RememberedOutputs,
  read: SegmentRead,
): Generator<Uint8Array> {
  for (let next = read.mapRange?.[0] ?? 0; ; next++) {
    const step = stepAt(channel, remembered, read, next);
    if ("segments" in step) return yield* mixedSegments(channel, step.segments, step.stream, read);
    if (step.output === undefined) return;
    yield* localSegments(step.output, read);
  }
}

type Step =
  | { readonly output: LocalOutput | undefined }
  | { readonly segments: readonly SegmentPlace[]; readonly stream?: number | undefined };

/** The output of map partition `next`, none after the last; or, when some of what is left lies elsewhere, how to read it. */
function stepAt(channel: SlotChannel, remembered: RememberedOutputs, read: SegmentRead, next: number): Step {
  const { shuffleId, reducePartition } = read;
  const until = read.mapRange?.[1] ?? Number.POSITIVE_INFINITY;
  let outputs = remembered.get(shuffleId);
  if (outputs === undefined) {
    const mapRange = next === 0 && read.mapRange === undefined ? undefined : ([next, until] as const);
    const answer = channel.ask({ op: "segments", shuffleId, reducePartition, mapRange });
    if (!("outputs" in answer)) return answer;
    outputs = answer.outputs;
    remembered.set(shuffleId, outputs, answer.generation);
  }
  const output = next < until ? outputs[next] : undefined;
  assert(output === undefined || output.mapPartition === next, "outputs are all there, by their map partitions");
  return { output };
}

function* localSegments(output: LocalOutput, read: SegmentRead): Generator<Uint8Array> {
  for (const { place } of segmentParts(output, read.reducePartition))
    yield place.at === "memory" ? place.bytes : fromDisk(place, output.mapPartition, read);
}

function* mixedSegments(
  channel: SlotChannel,
  segments: readonly SegmentPlace[],
  stream: number | undefined,
  read: SegmentRead,
): Generator<Uint8Array> {
  const remote = stream === undefined ? undefined : readStream(channel, stream);
  try {
    for (const segment of segments) {
      if (segment.at === "disk") {
        yield fromDisk(segment, segment.mapPartition, read);
        continue;
      }
      if (segment.at === "memory") {
        noteShared(segment.bytes.byteLength);
        yield segment.bytes;
        continue;
      }
      for (let left = segment.segmentBytes; left > 0; ) {
        const bytes = nextOf(remote);
        noteShared(bytes.byteLength);
        left -= bytes.byteLength;
        yield bytes;
      }
    }
  } finally {
    remote?.return(undefined);
  }
}

function nextOf(remote: Iterator<Uint8Array> | undefined): Uint8Array {
  const next = remote?.next();
  if (next === undefined || next.done === true) {
    throw new VolleyError("INTERNAL", "the stream of remote segments ended before its last segment");
  }
  return next.value;
}

function fromDisk(range: FileRange, mapPartition: number, { shuffleId, executorId }: SegmentRead): Uint8Array {
  try {
    // Memory of this thread's own, which V8 counts: nobody else reads it.
    return readBlockFile(range, (length) => new Uint8Array(length));
  } catch (error) {
    // A map output that cannot be read here is as lost as one on a dead executor: it must be computed again.
    if (!VolleyError.is(error)) throw error;
    throw new TaskFetchError({ shuffleId, mapPartition, executorId }, error.message);
  }
}
