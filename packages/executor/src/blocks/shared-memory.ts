/**
 * Memory that threads share. V8 does not count it: a thread that drops gigabytes of it sees no reason to collect garbage, and the
 * bytes stay (measured: 400 buffers of 10 MB, each dropped at once, came to 4 GB). So each thread counts what passes through its
 * hands and asks for a collection itself; a young one costs about a millisecond.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { VolleyError } from "@volley/engine/wire/errors.js";

/** Bytes between two young collections: what a thread may hold in garbage. */
const MINOR_AFTER_BYTES = 64 << 20;
/** What outlives two young collections is found by a full one only. */
const MAJOR_AFTER_MINORS = 16;

type Collect = (options?: { type: "minor" | "major" }) => void;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as Collect;
// V8's code cache is only good under the flags that it was made under.
setFlagsFromString("--no-expose-gc");

/** Bytes of long-lived buffers let go, which only a full collection finds, between two of them. */
const MAJOR_AFTER_DROPPED_BYTES = 128 << 20;

let bytesSeen = 0;
let bytesDropped = 0;
let minors = 0;

/** Throws OUT_OF_MEMORY when there is none. */
export function allocateShared(length: number): Uint8Array {
  noteShared(length);
  try {
    return new Uint8Array(new SharedArrayBuffer(length));
  } catch {
    collect();
  }
  try {
    return new Uint8Array(new SharedArrayBuffer(length));
  } catch (cause) {
    throw new VolleyError("OUT_OF_MEMORY", `a block of ${length} bytes cannot be allocated`, { cause });
  }
}

/** These bytes on shared memory: themselves, or a copy. */
export function onSharedMemory(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = allocateShared(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** This thread let go of shared memory that it had held for long. */
export function noteDropped(bytes: number): void {
  bytesDropped += bytes;
  if (bytesDropped < MAJOR_AFTER_DROPPED_BYTES) return;
  bytesDropped = 0;
  collect({ type: "major" });
}

/** Shared memory of so many bytes came into this thread's hands for a while. */
export function noteShared(bytes: number): void {
  bytesSeen += bytes;
  if (bytesSeen < MINOR_AFTER_BYTES) return;
  bytesSeen = 0;
  minors++;
  collect({ type: minors % MAJOR_AFTER_MINORS === 0 ? "major" : "minor" });
}
