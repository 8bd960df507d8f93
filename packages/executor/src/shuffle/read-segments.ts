/** The slot's side of a shuffle read: the segments of one reduce partition in the order of their map partitions. */

import { TaskFetchError, type TaskIo } from "@volley/engine/task/task-io.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { allocateShared, noteShared } from "../blocks/shared-memory.js";
import { readBlockFile } from "../io/read-block-file.js";
import { readStream } from "../io/read-stream.js";
import type { SlotChannel } from "../task/slot-channel.js";
import type { SegmentPlace } from "../task/slot-messages.js";

type SegmentReader = TaskIo["readSegments"];

export function* readSegments(
  channel: SlotChannel,
  shuffleId: number,
  reducePartition: number,
  mapRange: readonly [number, number] | undefined,
): Generator<Uint8Array, void, undefined> & ReturnType<SegmentReader> {
  const { segments, stream, executorId } = channel.ask({ op: "segments", shuffleId, reducePartition, mapRange });
  const remote = stream === undefined ? undefined : readStream(channel, stream);
  try {
    for (const segment of segments) {
      if (segment.at !== "remote") yield localSegment(segment, shuffleId, executorId);
      else yield* nextOf(remote);
    }
  } finally {
    remote?.return(undefined);
  }
}

function* nextOf(remote: Iterator<Uint8Array> | undefined): Generator<Uint8Array> {
  const next = remote?.next();
  if (next === undefined || next.done === true) {
    throw new VolleyError("INTERNAL", "the stream of remote segments ended before its last segment");
  }
  noteShared(next.value.byteLength);
  yield next.value;
}

function localSegment(
  segment: Exclude<SegmentPlace, { at: "remote" }>,
  shuffleId: number,
  executorId: string,
): Uint8Array {
  if (segment.at === "memory") {
    noteShared(segment.bytes.byteLength);
    return segment.bytes;
  }
  try {
    return readBlockFile(segment, allocateShared);
  } catch (error) {
    // A map output that cannot be read here is as lost as one on a dead executor: it must be computed again.
    if (!VolleyError.is(error)) throw error;
    throw new TaskFetchError({ shuffleId, mapPartition: segment.mapPartition, executorId }, error.message);
  }
}
