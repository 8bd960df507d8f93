/** A task's host made of Maps. */

import type { ListOptions } from "../plan/prepare.js";
import { blockName } from "../task/block-id.js";
import type { FileSplit, MapOutput, OutputFile, TaskIo } from "../task/task-io.js";
import { VolleyError } from "../wire/errors.js";

/** Files, cached partitions and sources by name. */
export class LocalStore {
  readonly files = new Map<string, Uint8Array>();
  /** Of what a read of a file gives at once: small, so that lines lie across chunks. */
  chunkBytes = 7;
  readonly blocks = new Map<string, Uint8Array>();

  putText(path: string, text: string): void {
    this.files.set(path, new TextEncoder().encode(text));
  }

  /** Of all tasks together. */
  readonly metrics = {
    rowsRead: 0,
    bytesRead: 0,
    shuffleBytesRead: 0,
    shuffleRowsRead: 0,
    shuffleBytesWritten: 0,
    shuffleRowsWritten: 0,
    spilledBytes: 0,
    cacheHits: 0,
    cacheMisses: 0,
    resultBytes: 0,
  };

  text(path: string): string {
    return new TextDecoder().decode(this.files.get(path) as Uint8Array);
  }

  putSource(rddId: number, partition: number, bytes: Uint8Array): void {
    this.blocks.set(blockName({ kind: "source", rddId, partition }), bytes);
  }

  hasSource(rddId: number): boolean {
    return this.blocks.has(blockName({ kind: "source", rddId, partition: 0 }));
  }

  removeRdd(rddId: number): void {
    for (const name of this.blocks.keys()) if (name.startsWith(`rdd_${rddId}_`)) this.blocks.delete(name);
  }

  /** Splits of the files whose path begins with one of `paths`. */
  list(paths: readonly string[], { minPartitions, combineSmall }: ListOptions): FileSplit[][] {
    const named = [...this.files.keys()]
      .filter((file) => paths.some((path) => file === path || file.startsWith(`${path}/`)))
      .sort();
    if (named.length === 0) throw new VolleyError("FILE_NOT_FOUND", `${paths.join(", ")} is not there`);
    const whole = named.map((path): FileSplit => {
      const fileLength = (this.files.get(path) as Uint8Array).byteLength;
      return { path, start: 0, length: fileLength, fileLength };
    });
    if (combineSmall) return [whole];
    return whole.flatMap((split) => {
      const length = Math.max(1, Math.ceil(split.fileLength / Math.max(1, minPartitions)));
      const parts = Math.ceil(split.fileLength / length);
      return Array.from({ length: parts }, (_, index) => [
        { ...split, start: index * length, length: Math.min(length, split.fileLength - index * length) },
      ]);
    });
  }
}

interface TaskIds {
  readonly taskId: number;
  readonly jobId: number;
  readonly stageId: number;
  readonly partition: number;
  readonly attempt: number;
}

export function localTaskIo(
  store: LocalStore,
  ids: TaskIds,
  outputsOf: (shuffleId: number) => readonly MapOutput[],
): TaskIo {
  return {
    ...ids,
    executorId: "local",
    metrics: store.metrics,
    memory: { reserve: () => true, release: () => undefined },
    readBlock(id) {
      const bytes = store.blocks.get(blockName(id));
      if (bytes === undefined) throw new VolleyError("BLOCK_LOST", `${blockName(id)} is not there`);
      return bytes;
    },
    readCached: (id) => store.blocks.get(blockName(id)),
    putCached(id, bytes) {
      store.blocks.set(blockName(id), bytes);
      return true;
    },
    *readSegments(shuffleId, reducePartition) {
      for (const { bytes, offsets } of outputsOf(shuffleId)) {
        const [from, until] = [offsets[reducePartition] as number, offsets[reducePartition + 1] as number];
        if (until > from) yield (bytes as Uint8Array).subarray(from, until);
      }
    },
    *readFile({ path, start }) {
      const bytes = store.files.get(path) as Uint8Array;
      for (let at = start; at < bytes.byteLength; at += store.chunkBytes)
        yield bytes.subarray(at, at + store.chunkBytes);
    },
    createOutput: (folder, name) => localOutput(store, `${folder}/${name}`),
    createSpill: () => {
      throw new Error("should not be reached: there is memory for all");
    },
    *runProcess(command, _env, input) {
      if (command[0] !== "cat") throw new VolleyError("PROCESS_FAILED", `${command.join(" ")} is no program`);
      yield* input;
    },
    crc32,
    allocate: (length) => new Uint8Array(length),
    checkCancelled: () => undefined,
  };
}

function localOutput(store: LocalStore, path: string): OutputFile {
  const chunks: Uint8Array[] = [];
  return {
    write: (bytes) => void chunks.push(bytes.slice()),
    close() {
      const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
      let at = 0;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.byteLength;
      }
      store.files.set(path, all);
      return { bytes: all.byteLength, crc32: crc32(all) };
    },
    abort: () => undefined,
  };
}

function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
