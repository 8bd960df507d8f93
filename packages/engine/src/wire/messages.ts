/**
 * Every message between driver and executors, as zod schemas; both ends check with these. Change one and wire-version.test.ts
 * makes you raise WIRE_VERSION. Control is small JSON, bytes ride as frames (frames.ts) that the JSON names by index.
 *
 * Routes of an executor (called by the driver with the executor secret):
 *   POST /v1/launch   LaunchRequest + frames   answers LaunchReply at once; results come by /v1/report
 *   POST /v1/kill     KillRequest
 *   POST /v1/remove   RemoveRequest (blocks of RDDs, shuffles, broadcasts)
 *   GET  /v1/blocks/:name[?range=from-until]   raw bytes (called by executors and the driver)
 *   PUT  /v1/blocks/:name      a cached partition, from another executor (body: bytes, header: their crc32, query: level)
 *   PUT  /v1/outputs/:name     a map output, from an executor that leaves (body: a MapOutputIndex, of query `index` bytes, then the bytes)
 *   POST /v1/segments SegmentsRequest -> SegmentsReply + frames (called by executors)
 *   POST /v1/stop     StopRequest
 * Routes of the driver (called by executors):
 *   POST /v1/register RegisterRequest -> RegisterReply
 *   POST /v1/report   ReportRequest + frames -> ReportReply   (task ends, block changes; also the heartbeat)
 *   GET  /v1/blocks/:name[?range=from-until]      source, broadcast and class blocks; 300 for a broadcast to be fetched in pieces
 *   POST /v1/pieces   PiecesRequest -> PiecesReply (which piece of a broadcast to fetch next, and from whom)
 *   POST /v1/locations LocationsRequest -> LocationsReply (where blocks and map outputs are)
 */

import { z } from "zod";
import { ERROR_FIELDS_MAX, ERRORS, type ErrorCode, type ErrorImage } from "./errors.js";

export const WIRE_VERSION = 7;
/** Figures of one task: a few dozen, and the driver keeps them with its events. */
const METRICS_MAX = 256;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const frameIndex = z
  .number()
  .int()
  .min(0)
  .max(1 << 20);
const shortText = z.string().max(4096);

export const BlockIdSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("rdd"), rddId: count, partition: count }),
  z.strictObject({ kind: z.literal("source"), rddId: count, partition: count }),
  z.strictObject({ kind: z.literal("broadcast"), broadcastId: count }),
  z.strictObject({ kind: z.literal("class"), classId: count }),
  z.strictObject({ kind: z.literal("shuffle"), shuffleId: count, mapPartition: count, attempt: count }),
  z.strictObject({ kind: z.literal("result"), taskId: count }),
]);

const PlaceSchema = z.strictObject({ file: shortText, line: count, column: count });
const DetailsSchema = z.strictObject({
  place: PlaceSchema.optional(),
  operator: shortText.optional(),
  site: count.optional(),
  stageId: count.optional(),
  partition: count.optional(),
  attempt: count.optional(),
  record: shortText.optional(),
  variable: shortText.optional(),
  path: shortText.optional(),
  executorId: shortText.optional(),
});
const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];
const ErrorImageSchema: z.ZodType<ErrorImage> = z.strictObject({
  name: shortText,
  message: z.string().max(1 << 16),
  stack: z
    .string()
    .max(1 << 16)
    .optional(),
  code: shortText.optional(),
  get cause() {
    return ErrorImageSchema.optional();
  },
  fields: z
    .record(shortText, z.union([shortText, z.number(), z.boolean()]))
    .refine((fields) => Object.keys(fields).length <= ERROR_FIELDS_MAX)
    .optional(),
});
export const FailureSchema = z.strictObject({
  code: z.enum(codes),
  message: z.string().max(1 << 16),
  details: DetailsSchema,
  cause: ErrorImageSchema.optional(),
  fetch: z.strictObject({ shuffleId: count, mapPartition: count, executorId: shortText }).optional(),
});

export const FileSplitSchema = z.strictObject({
  path: z.string().max(1 << 14),
  start: count,
  length: count,
  codec: z.enum(["gzip", "zstd", "bzip2"]).optional(),
  fileLength: count,
});
/** A task's inputs are a flat table whose entries name each other by index: however deep pipelines nest, the JSON does not. */
export const TaskInputSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("partition"), partition: count }),
  z.strictObject({ kind: z.literal("block"), block: BlockIdSchema }),
  z.strictObject({ kind: z.literal("splits"), splits: z.array(FileSplitSchema) }),
  z.strictObject({ kind: z.literal("pipeline"), pipeline: count, partition: count, inputs: z.array(count) }),
  z.strictObject({ kind: z.literal("shuffle"), shuffleId: count, partition: count }),
  z.strictObject({ kind: z.literal("cached"), block: BlockIdSchema, level: z.string().max(32), compute: count }),
  z.strictObject({ kind: z.literal("list"), items: z.array(count) }),
]);

export const StageSpecSchema = z.strictObject({
  stageKey: count,
  sources: z.array(z.string()),
  pipelines: z.array(z.strictObject({ source: count, bindings: z.array(count), firstSite: count })),
  bindings: z.array(z.tuple([count, count])),
  shuffleId: count.optional(),
});
export const TaskSpecSchema = z.strictObject({
  taskId: count,
  jobId: count,
  stageId: count,
  stageKey: count,
  partition: count,
  attempt: count,
  pipeline: count,
  roots: z.array(count),
  inputs: z.array(TaskInputSchema),
  seed: count,
});

/** Where one map output lies: its attempt's block on one executor, and the byte range of each reduce partition. */
export const MapStatusSchema = z.strictObject({
  mapPartition: count,
  attempt: count,
  executorId: shortText,
  /** numPartitions + 1 offsets into the block. */
  offsets: z.array(count),
});
const ExecutorAddressSchema = z.strictObject({
  executorId: shortText,
  host: shortText,
  port: z.number().int().min(1).max(65535),
});

export const LaunchRequestSchema = z.strictObject({
  epoch: count,
  seq: count,
  /** Closure envelopes the executor has not been sent yet. */
  envelopes: z.array(z.strictObject({ envelopeId: count, frame: frameIndex })),
  /** Stages it has not been sent yet. */
  stages: z.array(StageSpecSchema),
  tasks: z.array(TaskSpecSchema),
  /** Shuffles that these tasks read. A version is raised when an output is lost: locations learned under a lower one must not be used. */
  shuffles: z.array(z.strictObject({ shuffleId: count, version: count })),
  /** What is over and may be forgotten. */
  forgetStages: z.array(count),
  forgetEnvelopes: z.array(count),
});
export const LaunchReplySchema = z.strictObject({ executorId: shortText, accepted: z.boolean() });
export const KillRequestSchema = z.strictObject({ epoch: count, taskIds: z.array(count), reason: shortText });
export const RemoveRequestSchema = z.strictObject({
  epoch: count,
  rddIds: z.array(count),
  shuffleIds: z.array(count),
  broadcastIds: z.array(count),
  sourceRddIds: z.array(count),
  /** Attempts whose output was not accepted. */
  blocks: z.array(shortText),
});
export const StopRequestSchema = z.strictObject({ epoch: count, reason: shortText });

export const RegisterRequestSchema = z.strictObject({
  wireVersion: count,
  executorId: shortText,
  incarnation: shortText,
  host: shortText,
  port: z.number().int().min(1).max(65535),
  slots: z.number().int().min(1).max(4096),
  memoryBytes: count,
  pid: count,
});
/** What is read of a registration first: another version's message may look otherwise. */
export const SpokenVersionSchema = z.looseObject({ wireVersion: count });
export const RegisterReplySchema = z.strictObject({
  epoch: count,
  heartbeatIntervalMs: count,
  applicationId: shortText,
});

export const MetricsSchema = z.preprocess(
  (metrics, context) => {
    // Counted before any is looked at: to check a million of them takes seconds.
    if (typeof metrics !== "object" || metrics === null || Object.keys(metrics).length <= METRICS_MAX) return metrics;
    context.addIssue("more figures than a task has");
    return z.NEVER;
  },
  z.record(z.string().max(64), z.number().min(0).max(Number.MAX_SAFE_INTEGER)),
);
export const TaskEndSchema = z.discriminatedUnion("outcome", [
  z.strictObject({
    outcome: z.literal("succeeded"),
    taskId: count,
    /** A result stage's block: in this message, or kept on the executor as block `result_<taskId>`. */
    result: z.discriminatedUnion("at", [
      z.strictObject({ at: z.literal("frame"), frame: frameIndex }),
      z.strictObject({ at: z.literal("executor"), bytes: count }),
      z.strictObject({ at: z.literal("none") }),
    ]),
    /** A map stage's output. */
    mapOutput: z
      .strictObject({
        offsets: z.array(count),
        rows: z.array(count),
        checksums: z.array(count),
        keys: z.strictObject({ digest: count, spilled: z.boolean() }).optional(),
      })
      .optional(),
    /** Accumulator updates: an encoded block of [accumulatorId, value] rows. */
    accumulators: frameIndex.optional(),
    metrics: MetricsSchema,
    runMs: z.number().min(0),
  }),
  z.strictObject({
    outcome: z.literal("failed"),
    taskId: count,
    failure: FailureSchema,
    metrics: MetricsSchema,
    runMs: z.number().min(0),
  }),
  z.strictObject({ outcome: z.literal("killed"), taskId: count }),
]);
export const BlockChangeSchema = z.strictObject({
  block: BlockIdSchema,
  /** "gone" or where it is now. */
  where: z.enum(["memory", "disk", "gone"]),
  bytes: count,
});
/** A map output that this executor, which leaves, has given to another, who has it. */
export const OutputMoveSchema = z.strictObject({
  shuffleId: count,
  mapPartition: count,
  attempt: count,
  toExecutorId: shortText,
});
export const ReportRequestSchema = z.strictObject({
  executorId: shortText,
  incarnation: shortText,
  epoch: count,
  seq: count,
  tasks: z.array(TaskEndSchema),
  blocks: z.array(BlockChangeSchema),
  /** Present in heartbeats. */
  status: z
    .strictObject({ memoryUsedBytes: count, memoryBytes: count, rssBytes: count, runningTaskIds: z.array(count) })
    .optional(),
  /** In every report of one that leaves: it will be gone after so many milliseconds, or is about to go. */
  leaving: z.strictObject({ graceMs: count, hasLeft: z.boolean() }).optional(),
  moved: z.array(OutputMoveSchema).optional(),
});
export const ReportReplySchema = z.strictObject({ epoch: count, applicationId: shortText });

export const LocationsRequestSchema = z.strictObject({
  executorId: shortText,
  epoch: count,
  shuffleIds: z.array(count),
  blocks: z.array(shortText),
});
export const LocationsReplySchema = z.strictObject({
  executors: z.array(ExecutorAddressSchema),
  shuffles: z.array(
    z.strictObject({
      shuffleId: count,
      outputs: z.array(MapStatusSchema),
      /** Every map partition has an output in `outputs`. A reader that cannot know how many there are must not take a part for the whole. */
      complete: z.boolean(),
    }),
  ),
  blocks: z.array(z.strictObject({ name: shortText, executorIds: z.array(shortText) })),
});

/** Which piece of a broadcast is this executor to fetch next? With all that it has, and what is on its way to it. */
export const PiecesRequestSchema = z.strictObject({
  executorId: shortText,
  epoch: count,
  broadcastId: count,
  has: z.array(count),
  /** Without `from`: from the driver. */
  fetching: z.array(z.strictObject({ piece: count, from: shortText.optional() })),
  /** Executors that could not give what they were said to have. */
  distrusts: z.array(shortText),
});
export const PiecesReplySchema = z.strictObject({
  /** Of the whole broadcast. */
  bytes: count,
  /** Of each piece but the last. */
  pieceBytes: count.min(1),
  assignment: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("piece"), piece: count, crc32: count, from: ExecutorAddressSchema.optional() }),
    z.strictObject({ kind: z.literal("wait") }),
    z.strictObject({ kind: z.literal("done") }),
  ]),
});

/** Asks an executor for one reduce partition's segment of each of these map outputs, in this order: for the chunk of it that begins at its byte `from`, the first by default. */
export const SegmentsRequestSchema = z.strictObject({
  shuffleId: count,
  reducePartition: count,
  outputs: z.array(z.strictObject({ mapPartition: count, attempt: count, from: count.optional() })),
});
/** For each output asked for: the chunk's checksum, as the map task took it, or null when that output is not here. Chunk n is frame n; a missing one is an empty frame. */
export const SegmentsReplySchema = z.strictObject({ checksums: z.array(count.nullable()) });

/** What a map output is made of: numPartitions + 1 byte offsets, each segment's checksum; the same of the chunks, if a segment has several. Goes before its bytes. */
export const MapOutputIndexSchema = z.strictObject({
  offsets: z.array(count),
  checksums: z.array(count),
  chunks: z.strictObject({ offsets: z.array(count), checksums: z.array(count) }).optional(),
});

export type PiecesRequest = z.infer<typeof PiecesRequestSchema>;
export type PiecesReply = z.infer<typeof PiecesReplySchema>;
export type OutputMove = z.infer<typeof OutputMoveSchema>;
export type MapOutputIndex = z.infer<typeof MapOutputIndexSchema>;
export type SegmentsRequest = z.infer<typeof SegmentsRequestSchema>;
export type SegmentsReply = z.infer<typeof SegmentsReplySchema>;
export type LaunchRequest = z.infer<typeof LaunchRequestSchema>;
export type LaunchReply = z.infer<typeof LaunchReplySchema>;
export type KillRequest = z.infer<typeof KillRequestSchema>;
export type RemoveRequest = z.infer<typeof RemoveRequestSchema>;
export type StopRequest = z.infer<typeof StopRequestSchema>;
export type RegisterRequest = z.infer<typeof RegisterRequestSchema>;
export type RegisterReply = z.infer<typeof RegisterReplySchema>;
export type TaskEnd = z.infer<typeof TaskEndSchema>;
export type BlockChange = z.infer<typeof BlockChangeSchema>;
export type ReportRequest = z.infer<typeof ReportRequestSchema>;
export type ReportReply = z.infer<typeof ReportReplySchema>;
export type LocationsRequest = z.infer<typeof LocationsRequestSchema>;
export type LocationsReply = z.infer<typeof LocationsReplySchema>;
export type MapStatus = z.infer<typeof MapStatusSchema>;
