/** Output of user code in a slot. */

import { writeSync } from "node:fs";

const RETRY_AFTER_MS = 1;

/**
 * A worker's own stdout and stderr pass through the main thread when the slot next comes to rest, so a task of a minute would print
 * nothing for a minute, keep it all in memory and lose it if the slot is terminated. Written straight to the descriptors it comes at
 * once, and a slow reader slows the writer.
 */
export function writeThrough(): void {
  replaceWrite(process.stdout, 1);
  replaceWrite(process.stderr, 2);
}

function replaceWrite(stream: NodeJS.WriteStream, descriptor: number): void {
  const sleep = new Int32Array(new SharedArrayBuffer(4));
  const wait = Atomics.wait;
  const writeAll = (bytes: Uint8Array) => {
    let at = 0;
    while (at < bytes.byteLength) {
      try {
        at += writeSync(descriptor, bytes, at);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        // Whoever read has gone, or the terminal was closed; printing must not fail a task.
        if (code === "EPIPE" || code === "EIO" || code === "EBADF") return;
        if (code !== "EAGAIN") throw error;
        wait(sleep, 0, 0, RETRY_AFTER_MS);
      }
    }
  };
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    writeAll(
      typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8")
        : chunk,
    );
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") queueMicrotask(() => (callback as () => void)());
    return true;
  }) as typeof stream.write;
}
