/**
 * Compressed input. Node decompresses as a stream only with an event loop, which a slot has not got while its task runs; so the main
 * thread holds the stream, its thread pool does the work beside the slot, and the slot takes chunk by chunk. What is read ahead is
 * bounded by the stream's own buffers, however well the file compresses.
 */

import { createReadStream } from "node:fs";
import { pipeline, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { onSharedMemory } from "../blocks/shared-memory.js";
import type { ChunkSource } from "./chunk-source.js";
import { inputError, READ_CHUNK_BYTES } from "./read-file.js";

export class InflatedFile implements ChunkSource {
  readonly #path: string;
  readonly #codec: string;
  readonly #stream: Transform;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(path: string, codec: string) {
    this.#path = path;
    this.#codec = codec;
    this.#stream = decompressor(codec, path);
    const file = createReadStream(path, { highWaterMark: READ_CHUNK_BYTES });
    // An error of either side reaches whoever iterates; there is nothing to do here.
    pipeline(file, this.#stream, () => undefined);
    this.#chunks = (this.#stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  async next(): Promise<{ chunks: readonly Uint8Array[]; done: boolean }> {
    try {
      const { value, done } = await this.#chunks.next();
      return done === true ? { chunks: [], done: true } : { chunks: [onSharedMemory(value)], done: false };
    } catch (cause) {
      throw this.#error(cause);
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  #error(cause: unknown): VolleyError {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    if (!code.startsWith("Z_") && !code.startsWith("ZSTD_")) return inputError(this.#path, cause);
    return new VolleyError(
      "FILE_DAMAGED",
      `${this.#path} is no whole ${this.#codec} file: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

function decompressor(codec: string, path: string): Transform {
  const options = { chunkSize: READ_CHUNK_BYTES };
  if (codec === "gzip") return zlib.createGunzip(options);
  const zstd = (zlib as { createZstdDecompress?: (options: object) => Transform }).createZstdDecompress;
  if (codec === "zstd" && zstd !== undefined) return zstd(options);
  throw new VolleyError("FILE_UNREADABLE", `cannot read ${path}: ${codec} needs Node 22.15 or later`);
}
