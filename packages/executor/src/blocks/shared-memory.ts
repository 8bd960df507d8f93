/**
 * Memory that threads share. V8 does not count it: a thread that drops gigabytes of it sees no reason to collect garbage, and the
 * bytes stay (measured: 400 buffers of 10 MB, each dropped at once, came to 4 GB). So each thread counts what passes through its
 * hands and asks for a collection itself; a young one costs about a millisecond.
 *
 * A full collection that is asked for costs far more than its time. V8 lets go of the hidden classes that have no object at that moment, which
 * are those of all that a task is made of, and with them of the optimized code: the next task starts in the interpreter, and compiler threads take the
 * other slots' cores (measured: half the time of warm aggregations). Collections that V8 begins itself, step by step, keep them. So full ones
 * are asked for only when the process holds much more than what is counted, or when the thread rests.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { ProcessMemory } from "./process-memory.js";

/** Bytes that may have become garbage between two collections. */
const COLLECT_AFTER_BYTES = 32 << 20;
/** Of a thread's time, the share that full collections may take: one of a large heap costs hundreds of milliseconds. */
const MAJOR_TIME_SHARE = 0.04;
/** Bytes after which a full collection is due: only it finds what has outlived two young ones. */
const MAJOR_AFTER_BYTES = 64 << 20;

/** A thread that has had nothing to do for so long rests: it has time for a full collection, and for what its next task costs after it. */
const REST_MS = 1_500;

type Collect = (options?: { type: "minor" }) => void;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as Collect;
// User code in this thread may replace these.
const now = performance.now.bind(performance);
const later = setTimeout;

let processMemory: ProcessMemory | undefined;
let bytesSinceCollection = 0;
let bytesSinceMajor = 0;
let lastAt = 0;
let majorEndedAt = 0;
let majorMs = 0;
let majorPlanned = false;

/** Where this thread sees what the process holds; before it is told, memory is taken to be short. */
export function watchSharedMemory(memory: ProcessMemory): void {
  processMemory = memory;
}

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

/** Shared memory of so many bytes came into this thread's hands for a while, or was let go after it had been held. */
export function noteShared(bytes: number): void {
  bytesSinceCollection += bytes;
  if (bytesSinceCollection < COLLECT_AFTER_BYTES) return;
  bytesSinceMajor += bytesSinceCollection;
  bytesSinceCollection = 0;
  lastAt = now();
  if (bytesSinceMajor >= MAJOR_AFTER_BYTES && majorDueInMs() <= 0 && isShort()) return collectAll();
  collect({ type: "minor" });
  planMajor();
}

/** This thread was at work until now. */
export function noteWork(): void {
  lastAt = now();
}

/** A thread has let go of much of its heap at once: a table went to the disk, a large task ended. What is left is little, so a full collection costs little. */
export function collectFreed(): void {
  collectAll();
}

function isShort(): boolean {
  return processMemory?.holdsMuchGarbage() ?? true;
}

/** How long until a full collection keeps to its share of the time. */
function majorDueInMs(): number {
  return majorEndedAt + majorMs / MAJOR_TIME_SHARE - now();
}

function collectAll(): void {
  const startedAt = now();
  bytesSinceMajor = 0;
  // Without options it is a full collection; "major" is not understood by the V8 of Node 20, which then makes a young one.
  collect();
  majorEndedAt = now();
  majorMs = majorEndedAt - startedAt;
}

/** What nothing else gives an occasion to collect goes when the thread rests. */
function planMajor(): void {
  if (majorPlanned) return;
  majorPlanned = true;
  const collectRest = () => {
    const restsInMs = lastAt + REST_MS - now();
    if (restsInMs > 0) return wait(restsInMs);
    majorPlanned = false;
    if (bytesSinceMajor > 0) collectAll();
  };
  const wait = (ms: number): void => void later(collectRest, Math.max(ms, majorDueInMs())).unref();
  wait(REST_MS);
}
