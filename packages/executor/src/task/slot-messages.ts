/**
 * What the main thread and a slot say to each other. Plain data: it crosses by structured clone, bytes lie on SharedArrayBuffers and
 * are not copied.
 *
 * A slot that waits for an answer sleeps in Atomics.wait and can receive nothing else, so answers come over a port of their own
 * (`SlotData.answers`) and every other message over the worker's.
 */

import type { MessagePort } from "node:worker_threads";
import type { MapOutput, SegmentChunks, TaskMetrics } from "@volley/engine/task/task-io.js";
import type { StageSpec, TaskSpec } from "@volley/engine/task/task-spec.js";
import type { Failure } from "@volley/engine/wire/errors.js";

/** Int32 cells that both sides share, by index. */
export const CONTROL = {
  /** Grows by one with each answer; the slot waits on it. */
  answers: 0,
  /** Number of the run that must stop; runs count from 1. */
  cancelledRun: 1,
  /** KiB of execution memory that the running task holds. */
  heldKib: 2,
  /** 1 while the running task counts among those that share execution memory. */
  sharing: 3,
  /** The thread's own last look at its heap (heap-sample.ts). */
  heapUsedKib: 4,
  heapTotalKib: 5,
  externalKib: 6,
  samples: 7,
  /** The table that the running task fills; no rows: none. */
  tableRows: 8,
  tableKib: 9,
  tableSite: 10,
} as const;
export const CONTROL_BYTES = 64;

/** Cells shared by all slots of an executor and its main thread; sizes in KiB, so that 2 TiB fit into an Int32. */
export const MEMORY = {
  /** What blocks and execution may hold (core/counted-budget.ts). */
  budgetKib: 0,
  storageKib: 1,
  executionKib: 2,
  /** Grows whenever what slots remember of map outputs may no longer hold. */
  outputsGeneration: 3,
  /** Running tasks that have asked for execution memory. */
  sharingTasks: 4,
  /** Grows with each release of execution memory; tasks that must have some wait on it. */
  releases: 5,
  /** KiB of all blocks that have left memory since the executor began; wraps around. Who had them in its hands holds their bytes until it collects its garbage. */
  leftKib: 6,
  /** What the process held when the main thread last looked. */
  residentKib: 7,
  /** What it should hold at most: the executor's budget. */
  processKib: 8,
} as const;
export const MEMORY_BYTES = 64;

export interface SlotData {
  readonly slotId: number;
  readonly executorId: string;
  readonly localDir: string;
  readonly answers: MessagePort;
  readonly control: Int32Array;
  readonly memory: Int32Array;
}

export interface RunTask {
  readonly type: "task";
  /** Counts the tasks given to this slot, from 1. */
  readonly run: number;
  readonly task: TaskSpec;
  /** When the slot has not been sent it yet. */
  readonly stage?: StageSpec | undefined;
  readonly envelopes: readonly (readonly [number, Uint8Array])[];
}
export interface ForgetPrograms {
  readonly type: "forget";
  readonly stages: readonly number[];
  readonly envelopes: readonly number[];
}
/** Map outputs that the slot remembers changed: it lets go of them all. */
export interface ForgetOutputs {
  readonly type: "forgetOutputs";
}
/** The thread ends by itself, as terminate() would not: its profile is written. */
export interface Leave {
  readonly type: "leave";
}
export type ToSlot = RunTask | ForgetPrograms | ForgetOutputs | Leave;

export interface TaskSuccess {
  readonly result?: Uint8Array | undefined;
  readonly mapOutput?: (MapOutput & { readonly shuffleId: number }) | undefined;
  readonly accumulators?: Uint8Array | undefined;
}
export type FromSlot =
  | { readonly type: "ready" }
  | {
      readonly type: "succeeded";
      readonly run: number;
      readonly outcome: TaskSuccess;
      readonly metrics: TaskMetrics;
      readonly runMs: number;
    }
  | {
      readonly type: "failed";
      readonly run: number;
      readonly failure: Failure;
      readonly metrics: TaskMetrics;
      readonly runMs: number;
    }
  | { readonly type: "cancelled"; readonly run: number }
  /** Not run: an earlier job changed this thread's intrinsics. Give the task to a fresh slot. */
  | { readonly type: "tainted"; readonly run: number; readonly what: string }
  /** An error that no task caught: the slot must be replaced. */
  | { readonly type: "lateError"; readonly failure: Failure }
  /** User code called process.exit; the thread ends right after this. */
  | { readonly type: "exiting"; readonly code: number; readonly failure: Failure }
  | { readonly type: "call"; readonly call: number; readonly request: SlotRequest }
  /** A cached partition's file cannot be read; no answer. */
  | { readonly type: "lostBlock"; readonly name: string }
  /** A stream that is read no more; no answer. */
  | { readonly type: "closeStream"; readonly stream: number };

/** Where a slot finds a block's bytes. */
export type BlockPlace =
  | { readonly at: "memory"; readonly bytes: Uint8Array }
  /** A file of this executor; `crc32` is of these bytes. */
  | {
      readonly at: "disk";
      readonly path: string;
      readonly offset: number;
      readonly length: number;
      readonly crc32: number;
    };

/** A map output that lies on this executor, whole. */
export interface LocalOutput {
  readonly mapPartition: number;
  readonly place: BlockPlace;
  /** numPartitions + 1 byte offsets into the block. On shared memory, as the checksums. */
  readonly offsets: Float64Array;
  /** Of each segment. */
  readonly checksums: Uint32Array;
  /** When a segment has more than one. On shared memory too. */
  readonly chunks?: SegmentChunks | undefined;
}

/** A segment, or a chunk of one, in the order of the map partitions; `remote` segments come through the stream in the same order, in as many chunks as make their bytes. */
export type SegmentPlace = (BlockPlace | { readonly at: "remote"; readonly segmentBytes: number }) & {
  readonly mapPartition: number;
};

export type SlotRequest =
  | { readonly op: "block"; readonly name: string }
  | { readonly op: "cached"; readonly name: string }
  | { readonly op: "put"; readonly name: string; readonly bytes: Uint8Array; readonly level: string }
  | {
      readonly op: "segments";
      readonly shuffleId: number;
      readonly reducePartition: number;
      readonly mapRange?: readonly [number, number] | undefined;
    }
  | { readonly op: "nextChunks"; readonly stream: number }
  | { readonly op: "openFile"; readonly path: string; readonly codec: string }
  | {
      readonly op: "startProcess";
      readonly command: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  /** Gives a chunk of input, or says that there is no more; answers when it is taken or there is output. */
  | {
      readonly op: "stepProcess";
      readonly stream: number;
      readonly input?: Uint8Array | undefined;
      readonly ended: boolean;
    }
  /** Asks that cached blocks make room for so many bytes of execution memory. */
  | { readonly op: "makeRoom"; readonly bytes: number }
  /** Asks that cached blocks on a full disk go; false when there were none. */
  | { readonly op: "makeDiskRoom" };

/** What each request is answered with. */
export interface SlotAnswers {
  block: BlockPlace;
  cached: BlockPlace | undefined;
  put: boolean;
  /** `stream` when some are remote. */
  segments:
    | { readonly segments: readonly SegmentPlace[]; readonly stream?: number | undefined }
    /** The whole shuffle lies here: its outputs, which the slot may remember for as long as the generation is this one. */
    | { readonly outputs: readonly LocalOutput[]; readonly generation: number };
  nextChunks: { readonly chunks: readonly Uint8Array[]; readonly done: boolean };
  openFile: { readonly stream: number };
  startProcess: { readonly stream: number };
  stepProcess: { readonly chunks: readonly Uint8Array[]; readonly taken: boolean; readonly done: boolean };
  makeRoom: boolean;
  makeDiskRoom: boolean;
}
export type SlotAnswer = SlotAnswers[keyof SlotAnswers];

/** On the port of answers. */
export type Answer =
  | { readonly call: number; readonly value: SlotAnswer }
  | { readonly call: number; readonly failure: Failure };
