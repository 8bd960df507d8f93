/** The slot's end of a stream that the main thread fills: decompressed files, segments from other executors. */

import type { SlotChannel } from "../task/slot-channel.js";

export function* readStream(channel: SlotChannel, stream: number): Generator<Uint8Array> {
  let done = false;
  try {
    while (!done) {
      const next = channel.ask({ op: "nextChunks", stream });
      done = next.done;
      yield* next.chunks;
    }
  } finally {
    if (!done) channel.post({ type: "closeStream", stream });
  }
}
