/**
 * The event log's schema (architecture, D14). Everything that watches a run (progress, UI, history, metrics, status) reads these and
 * nothing else. An event is data: a reader skips kinds that it does not know, and nothing in one is ever turned into code.
 *
 * Raise EVENT_LOG_VERSION (its own file, for zod to stay out of those who only write) when a field changes its meaning; adding optional fields or kinds needs no new version.
 */
import { z } from "zod";

const count = z.number().int().min(0);
const text = z.string();
const base = {
  /** Numbered from 0 without gaps. */
  seq: count,
  /** Wall clock, milliseconds since 1970. */
  timeMs: z.number(),
};
const task = {
  taskId: count,
  jobId: count,
  stageId: count,
  partition: count,
  attempt: count,
  speculative: z.boolean(),
  executorId: text,
};

export const EventSchema = z.discriminatedUnion("kind", [
  z.object({
    ...base,
    kind: z.literal("applicationStart"),
    version: count,
    applicationId: text,
    appName: text,
    master: text,
    nodeVersion: text,
  }),
  z.object({ ...base, kind: z.literal("applicationEnd") }),
  z.object({
    ...base,
    kind: z.literal("jobStart"),
    jobId: count,
    description: text,
    stageIds: z.array(count),
    group: text.optional(),
    tags: z.array(text),
  }),
  z.object({
    ...base,
    kind: z.literal("jobEnd"),
    jobId: count,
    outcome: z.enum(["succeeded", "failed", "cancelled"]),
    code: text.optional(),
    message: text.optional(),
  }),
  z.object({
    ...base,
    kind: z.literal("stageSubmitted"),
    stageId: count,
    /** 1 for the first run of the stage. */
    run: count.min(1),
    name: text,
    tasks: count,
    jobIds: z.array(count),
    shuffleId: count.optional(),
  }),
  z.object({
    ...base,
    kind: z.literal("stageCompleted"),
    stageId: count,
    run: count,
    outcome: z.enum(["succeeded", "failed"]),
    message: text.optional(),
  }),
  z.object({ ...base, kind: z.literal("stageSkipped"), stageId: count, tasks: count, jobIds: z.array(count) }),
  z.object({ ...base, kind: z.literal("taskStart"), ...task }),
  z.object({
    ...base,
    kind: z.literal("taskEnd"),
    ...task,
    outcome: z.enum(["succeeded", "failed", "killed", "lost", "ignored"]),
    runMs: z.number().min(0),
    /** rowsRead, bytesRead, shuffleBytesRead, shuffleBytesWritten, spilledBytes, cacheHits, cacheMisses, ... */
    metrics: z.record(z.string(), z.number()),
    code: text.optional(),
    message: text.optional(),
  }),
  z.object({
    ...base,
    kind: z.literal("executorAdded"),
    executorId: text,
    host: text,
    slots: count,
    memoryBytes: count,
  }),
  z.object({ ...base, kind: z.literal("executorRemoved"), executorId: text, reason: text, detail: text }),
  z.object({ ...base, kind: z.literal("executorExcluded"), executorId: text }),
  /** It takes no more tasks and gives away what it holds; `executorRemoved` follows. */
  z.object({ ...base, kind: z.literal("executorDecommissioning"), executorId: text }),
  z.object({
    ...base,
    kind: z.literal("executorStatus"),
    executorId: text,
    memoryUsedBytes: count,
    rssBytes: count,
    runningTasks: count,
  }),
  z.object({
    ...base,
    kind: z.literal("blockUpdated"),
    executorId: text,
    block: text,
    where: z.enum(["memory", "disk", "gone"]),
    bytes: count,
  }),
  z.object({ ...base, kind: z.literal("mapOutputLost"), shuffleId: count, mapPartitions: z.array(count) }),
  z.object({ ...base, kind: z.literal("log"), level: z.enum(["debug", "info", "warn", "error"]), message: text }),
]);

export type VolleyEvent = z.infer<typeof EventSchema>;
type WithoutBase<E> = E extends unknown ? Omit<E, "seq" | "timeMs"> : never;
/** An event as it is handed to the log, which numbers and dates it. */
export type EventBody = WithoutBase<VolleyEvent>;
export type EventOf<K extends VolleyEvent["kind"]> = Extract<VolleyEvent, { kind: K }>;
