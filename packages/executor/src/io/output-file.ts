/**
 * A file that a task writes for the user. It lies under a name that no other attempt shares until the driver accepts the attempt and
 * renames it; whatever is not closed when the task ends is removed.
 */

import { closeSync, constants, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, crc32 as zlibCrc32 } from "node:zlib";
import { assert } from "@volley/engine/lib/assert.js";
import { attemptOutputName } from "@volley/engine/task/output-name.js";
import type { OutputFile } from "@volley/engine/task/task-io.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { PIECE_BYTES_MAX } from "./piece-bytes.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array, start?: number) => number;

/** Input of one gzip member. A gzip file may have many; readers join them. Larger ones would compress hardly better. */
const GZIP_MEMBER_BYTES = 1 << 20;
const FILE_MODE = 0o644;

export class AttemptOutput implements OutputFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #gzip: boolean;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #bytes = 0;
  #crc32 = 0;
  #state: "open" | "closed" | "aborted" = "open";

  constructor(folder: string, name: string, taskId: number, codec: "gzip" | undefined) {
    assert(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name), `${name} is a plain file name`);
    this.#gzip = codec === "gzip";
    this.#path = join(folder, attemptOutputName(name, taskId));
    // The driver made the folder. It is not made here: after the driver has removed it (the job failed) a late task would leave it behind.
    this.#descriptor = outputStep(this.#path, () =>
      openSync(this.#path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, FILE_MODE),
    );
  }

  write(bytes: Uint8Array): void {
    assert(this.#state === "open", "the output is open");
    if (!this.#gzip) return this.#append(bytes);
    this.#pending.push(bytes.slice());
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes >= GZIP_MEMBER_BYTES) this.#writeMember();
  }

  close(): { readonly bytes: number; readonly crc32: number } {
    assert(this.#state === "open", "the output is open");
    // A gzip file of nothing still has one member.
    if (this.#gzip && (this.#pendingBytes > 0 || this.#bytes === 0)) this.#writeMember();
    outputStep(this.#path, () => fsyncSync(this.#descriptor));
    closeSync(this.#descriptor);
    this.#state = "closed";
    return { bytes: this.#bytes, crc32: this.#crc32 };
  }

  abort(): void {
    if (this.#state === "open") closeSync(this.#descriptor);
    // The driver may have removed the whole folder already.
    if (this.#state !== "aborted") rmSync(this.#path, { force: true });
    this.#state = "aborted";
  }

  /** Called when the task ends: a file that was closed stays, for the driver to rename or remove. */
  dispose(): void {
    if (this.#state === "open") this.abort();
  }

  #writeMember(): void {
    const member = gzipSync(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#append(member);
  }

  #append(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.byteLength) {
      at += outputStep(this.#path, () =>
        writeSync(this.#descriptor, bytes, at, Math.min(PIECE_BYTES_MAX, bytes.byteLength - at)),
      );
    }
    this.#bytes += bytes.byteLength;
    this.#crc32 = crc32(bytes, this.#crc32);
  }
}

function outputStep<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new VolleyError("OUTPUT_FAILED", `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}
