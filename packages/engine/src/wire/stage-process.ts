/**
 * A task for a plain process: one message of frames (frames.ts) on its stdin, one on its stdout. Any cluster that can start a program and
 * move bytes can host Volley's stages so; nothing else is asked of it (architecture, D13).
 */

import { z } from "zod";
import { FailureSchema, StageSpecSchema, TaskSpecSchema } from "./messages.js";

const frame = z.number().int().min(0);

export const StageProcessRequestSchema = z.strictObject({
  stage: StageSpecSchema,
  task: TaskSpecSchema,
  envelopes: z.array(z.strictObject({ envelopeId: z.number().int(), frame })),
  /** Source, broadcast, class and cached blocks that the task may read, by name. */
  blocks: z.array(z.strictObject({ name: z.string().max(64), frame })),
  /** The segments of the task's reduce partition, in the order of the map partitions. */
  segments: z.array(z.strictObject({ shuffleId: z.number().int(), frames: z.array(frame) })),
});

export const StageProcessReplySchema = z.discriminatedUnion("outcome", [
  z.strictObject({
    outcome: z.literal("succeeded"),
    result: frame.optional(),
    mapOutput: z.strictObject({ frame, offsets: z.array(z.number()), rows: z.array(z.number()) }).optional(),
    accumulators: frame.optional(),
  }),
  z.strictObject({ outcome: z.literal("failed"), failure: FailureSchema }),
]);

export type StageProcessRequest = z.infer<typeof StageProcessRequestSchema>;
export type StageProcessReply = z.infer<typeof StageProcessReplySchema>;
