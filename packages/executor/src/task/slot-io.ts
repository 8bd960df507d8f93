/** TaskIo in a slot: files are read and written here, blocks and everything with a wait in it are asked of the main thread. */

import { crc32 as zlibCrc32 } from "node:zlib";
import { type BlockId, blockName } from "@volley/engine/task/block-id.js";
import type { StorageLevel } from "@volley/engine/task/storage-level.js";
import type { FileSplit, OutputFile, SpillFile, TaskIo, TaskMetrics } from "@volley/engine/task/task-io.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { KnownGarbage } from "../blocks/known-garbage.js";
import { allocateShared, noteShared, onSharedMemory } from "../blocks/shared-memory.js";
import { TaskMapOutput } from "../io/map-output-file.js";
import { AttemptOutput } from "../io/output-file.js";
import { readBlockFile } from "../io/read-block-file.js";
import { readBzip2File } from "../io/read-bzip2.js";
import { readPlainFile } from "../io/read-file.js";
import { readStream } from "../io/read-stream.js";
import { runProcess } from "../io/run-process.js";
import { TaskSpill } from "../io/spill-file.js";
import { readSegments } from "../shuffle/read-segments.js";
import type { RememberedOutputs } from "../shuffle/remembered-outputs.js";
import { HeapSampler } from "./heap-sample.js";
import type { SlotChannel } from "./slot-channel.js";
import { SlotMemory } from "./slot-memory.js";
import type { BlockPlace, SlotData } from "./slot-messages.js";

/** Taken when the slot starts, as the next: see intrinsics.ts. */
const now = performance.now.bind(performance);
const crc32 = zlibCrc32 as (bytes: Uint8Array, before?: number) => number;

/** What the slot keeps of blocks from task to task. */
export interface SlotBlocks {
  readonly outputs: RememberedOutputs;
  readonly garbage: KnownGarbage;
}

export class SlotIo implements TaskIo {
  readonly taskId: number;
  readonly jobId: number;
  readonly stageId: number;
  readonly partition: number;
  readonly attempt: number;
  readonly executorId: string;
  readonly memory: SlotMemory;
  readonly metrics: TaskMetrics = {
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
  readonly #channel: SlotChannel;
  readonly #sampler: HeapSampler;
  readonly #outputs: RememberedOutputs;
  readonly #garbage: KnownGarbage;
  readonly #localDir: string;
  readonly #open = new Set<{ dispose(): void }>();
  #mapOutput: TaskMapOutput | undefined;

  constructor(data: SlotData, channel: SlotChannel, { outputs, garbage }: SlotBlocks, task: TaskSpec) {
    this.taskId = task.taskId;
    this.jobId = task.jobId;
    this.stageId = task.stageId;
    this.partition = task.partition;
    this.attempt = task.attempt;
    this.executorId = data.executorId;
    this.#sampler = new HeapSampler(data.control);
    this.memory = new SlotMemory(channel, data.control, data.memory, {
      now,
      garbage,
      sampler: this.#sampler,
    });
    this.#channel = channel;
    this.#outputs = outputs;
    this.#garbage = garbage;
    this.#localDir = data.localDir;
  }

  readBlock(id: BlockId): Uint8Array {
    return this.#bytesAt(this.#channel.ask({ op: "block", name: blockName(id) }));
  }

  readCached(id: BlockId): Uint8Array | undefined {
    const name = blockName(id);
    const place = this.#channel.ask({ op: "cached", name });
    if (place === undefined) return undefined;
    try {
      return this.#bytesAt(place);
    } catch (error) {
      // A damaged or vanished copy is a lost copy: its partition is computed again.
      if (!VolleyError.is(error, "BLOCK_CORRUPT") && !VolleyError.is(error, "BLOCK_LOST")) throw error;
      this.#channel.post({ type: "lostBlock", name });
      return undefined;
    }
  }

  putCached(id: BlockId, bytes: Uint8Array, level: StorageLevel): boolean {
    return this.#channel.ask({ op: "put", name: blockName(id), bytes: this.shared(bytes), level: level.name });
  }

  readSegments(shuffleId: number, reducePartition: number, mapRange?: readonly [number, number]): Iterable<Uint8Array> {
    const read = { shuffleId, reducePartition, mapRange, executorId: this.executorId };
    return readSegments(this.#channel, this.#outputs, read);
  }

  readFile(split: FileSplit): Iterable<Uint8Array> {
    if (split.codec === undefined) return readPlainFile(split.path, split.start, split.chunkBytes);
    if (split.codec === "bzip2") return readBzip2File(split.path);
    const { stream } = this.#channel.ask({ op: "openFile", path: split.path, codec: split.codec });
    return readStream(this.#channel, stream);
  }

  createOutput(folder: string, name: string, codec?: "gzip"): OutputFile {
    return this.#owned(new AttemptOutput(folder, name, this.taskId, codec));
  }

  createSpill(): SpillFile {
    return this.#owned(new TaskSpill(this.#localDir, this.metrics, () => this.#makeDiskRoom()));
  }

  createMapOutput(): TaskMapOutput {
    this.#mapOutput = this.#owned(new TaskMapOutput(this.#localDir, this.taskId, () => this.#makeDiskRoom()));
    return this.#mapOutput;
  }

  /** The task has succeeded: its map output is the main thread's. */
  keepMapOutput(): void {
    this.#mapOutput?.keep();
  }

  runProcess(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    input: Iterable<Uint8Array>,
  ): Iterable<Uint8Array> {
    return runProcess(this.#channel, command, env, input);
  }

  crc32(bytes: Uint8Array, before?: number): number {
    return crc32(bytes, before);
  }

  allocate(length: number): Uint8Array {
    return allocateShared(length);
  }

  /** These bytes on memory that other threads see: themselves, or a copy. */
  shared(bytes: Uint8Array): Uint8Array {
    return onSharedMemory(bytes);
  }

  checkCancelled(): void {
    this.#sampler.pass();
    this.#garbage.pass();
    this.#channel.checkCancelled();
  }

  /** The task is over, however it went: nothing of it stays but what it handed out. */
  end(): void {
    this.memory.releaseAll();
    for (const open of this.#open) open.dispose();
    this.#open.clear();
  }

  #makeDiskRoom(): boolean {
    return this.#channel.ask({ op: "makeDiskRoom" });
  }

  #owned<T extends { dispose(): void }>(resource: T): T {
    this.#open.add(resource);
    return resource;
  }

  #bytesAt(place: BlockPlace): Uint8Array {
    if (place.at === "disk") return readBlockFile(place, allocateShared);
    noteShared(place.bytes.byteLength);
    return place.bytes;
  }
}
