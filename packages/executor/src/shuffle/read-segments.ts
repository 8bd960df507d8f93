/** The slot's side of a shuffle read: the segments of one reduce partition in the order of their map partitions. */

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

export function* readSegments(
  channel: SlotChannel,
  remembered: RememberedOutputs,
  read: SegmentRead,
): Generator<Uint8Array> {
  const { shuffleId, reducePartition, mapRange } = read;
  const known = remembered.get(shuffleId);
  if (known !== undefined) return yield* localSegments(known, read);
  const answer = channel.ask({ op: "segments", shuffleId, reducePartition, mapRange });
  if ("outputs" in answer) {
    remembered.set(shuffleId, answer.outputs, answer.generation);
    return yield* localSegments(answer.outputs, read);
  }
  yield* mixedSegments(channel, answer.segments, answer.stream, read);
}

function* localSegments(outputs: readonly LocalOutput[], read: SegmentRead): Generator<Uint8Array> {
  const { reducePartition, mapRange } = read;
  for (const output of outputs) {
    const { mapPartition } = output;
    if (mapRange !== undefined && (mapPartition < mapRange[0] || mapPartition >= mapRange[1])) continue;
    for (const { place } of segmentParts(output, reducePartition))
      yield place.at === "memory" ? place.bytes : fromDisk(place, mapPartition, read);
  }
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
