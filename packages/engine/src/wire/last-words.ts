/**
 * What an executor process leaves behind when it dies: a small file in its folder, written over about ten times a second while tasks run, and read by
 * whoever started the process. It says what held the memory, and whose it was.
 */
import { z } from "zod";

export const LAST_WORDS_FILE = "last-words.json";
/** The file has this size always: shorter text is followed by spaces. One write, so that it is never half of one and half of another. */
export const LAST_WORDS_BYTES = 16 << 10;
/** Busy slots that are told of: the largest. */
export const LAST_WORDS_SLOTS_MAX = 32;

const bytes = z.number().min(0);
const count = z.number().int().min(0);

export const LastWordsSchema = z.strictObject({
  /** Of the whole process. */
  rssBytes: bytes,
  budgetBytes: bytes,
  /** Cached blocks and map outputs in memory. */
  storageBytes: bytes,
  /** What running tasks have reserved. */
  executionBytes: bytes,
  /** V8's limit for the heap of one slot. */
  heapLimitBytes: bytes,
  slots: z
    .array(
      z.strictObject({
        taskId: count,
        heapUsedBytes: bytes,
        /** What V8 has taken for the heap: garbage and free pages too. */
        heapBytes: bytes,
        externalBytes: bytes,
        /** How long ago the slot had looked at its heap: long when it is deep in one call of a user function. */
        ageMs: bytes,
        /** The table that it filled: rows, about how many bytes, and the operator among the sites of its stage. */
        table: z.strictObject({ rows: count, bytes, site: count }).optional(),
      }),
    )
    .max(LAST_WORDS_SLOTS_MAX),
});
export type LastWords = z.infer<typeof LastWordsSchema>;
