/** TaskIo of a process that was handed everything its task reads: blocks and segments come from memory, files from the disk. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type BlockId, blockName } from "@volley/engine/task/block-id.js";
import type { FileSplit, TaskIo, TaskMetrics } from "@volley/engine/task/task-io.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { AttemptOutput } from "../io/output-file.js";
import { readPlainFile } from "../io/read-file.js";
import { TaskSpill } from "../io/spill-file.js";

export interface TaskBlocks {
  readonly blocks: ReadonlyMap<string, Uint8Array>;
  readonly segments: ReadonlyMap<number, readonly Uint8Array[]>;
}

const NO_METRICS: TaskMetrics = {
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

/** `dispose` removes what the task left on the disk. */
export function processTaskIo(task: TaskSpec, { blocks, segments }: TaskBlocks): TaskIo & { dispose(): void } {
  let folder: string | undefined;
  const metrics = { ...NO_METRICS };
  return {
    taskId: task.taskId,
    jobId: task.jobId,
    stageId: task.stageId,
    partition: task.partition,
    attempt: task.attempt,
    executorId: "process",
    metrics,
    // The host that started the process bounds it; what does not fit there fails as its host says.
    memory: { reserve: () => true, release: () => undefined },
    readBlock(id: BlockId) {
      const bytes = blocks.get(blockName(id));
      if (bytes === undefined)
        throw new VolleyError("BLOCK_LOST", `the block ${blockName(id)} was not handed to the process`);
      return bytes;
    },
    readCached: (id) => blocks.get(blockName(id)),
    putCached: () => false,
    readSegments: (shuffleId) => segments.get(shuffleId) ?? [],
    readFile: (split) => readWhole(split),
    createOutput: (target, name, codec) => new AttemptOutput(target, name, task.taskId, codec),
    createSpill: () => {
      folder ??= mkdtempSync(join(tmpdir(), "volley-stage-"));
      return new TaskSpill(folder, metrics);
    },
    runProcess: (command, env, input) => [runWhole(command, env, input)],
    crc32: (bytes, before) => crc32(bytes as Buffer, before),
    allocate: (length) => new Uint8Array(length),
    checkCancelled: () => undefined,
    dispose() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readWhole(split: FileSplit): Iterable<Uint8Array> {
  if (split.codec !== undefined)
    throw new VolleyError("FILE_UNREADABLE", `${split.path}: a stage process reads uncompressed files only`);
  return readPlainFile(split.path, split.start);
}

/** Nothing else runs in this process, so it may wait for the program. */
function runWhole(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  input: Iterable<Uint8Array>,
): Uint8Array {
  const [program, ...args] = command as [string, ...string[]];
  const done = spawnSync(program, args, {
    env: { ...process.env, ...env },
    input: Buffer.concat([...input]),
    maxBuffer: OUTPUT_MAX,
  });
  if (done.error !== undefined)
    throw new VolleyError("PROCESS_FAILED", `${program}: ${done.error.message}`, { cause: done.error });
  if (done.status === 0) return done.stdout;
  throw new VolleyError(
    "PROCESS_FAILED",
    `${program} ended with ${done.status === null ? done.signal : `status ${done.status}`}`,
  );
}

/** What a program may print for one partition: it is held whole. */
const OUTPUT_MAX = 1 << 29;
