/**
 * An executor's process ran out of memory: which of its tasks may have caused that.
 *
 * Worker threads share the fate of their process, so a task that takes all memory ends others with it. Only one that is known to have caused it is
 * charged. Where several may have, none is: each of them runs again alone, in an executor that runs nothing else, and one that runs out of
 * memory there has nobody else to blame.
 */

import type { Failure } from "@volley/engine/wire/errors.js";
import type { LastWords } from "@volley/engine/wire/last-words.js";
import { memoryStory, siteThatHeld } from "@volley/engine/wire/memory-story.js";
import type { Attempt } from "./attempt.js";
import { placed } from "./retry-policy.js";

/** Of a heap's limit: a task whose heap is below can still have asked for too much at once. */
const FULL_SHARE = 0.5;
/** A slot passes by ten times a second: one that has not for so long is deep in one call of a function. */
const DEEP_MS = 500;

type Slot = LastWords["slots"][number];

/** Of the attempts that had started, those that may have used the memory up: one when the last words name it, else all of them. */
export function suspects(started: readonly Attempt[], words: LastWords | undefined): readonly Attempt[] {
  if (words === undefined || started.length < 2) return started;
  const sizeOf = ({ heapUsedBytes, externalBytes }: Slot) => heapUsedBytes + externalBytes;
  const full = words.slots.filter((slot) => sizeOf(slot) >= FULL_SHARE * words.heapLimitBytes);
  // Heaps say more than silence: a slot that waits for others is silent too.
  const named = full.length > 0 ? full : words.slots.filter(({ ageMs }) => ageMs >= DEEP_MS);
  if (named.length !== 1) return started;
  const found = started.filter(({ order }) => order.taskId === named[0]?.taskId);
  return found.length === 1 ? found : started;
}

/** What the task's failure is called. */
export function outOfMemory(attempt: Attempt, detail: string, words: LastWords | undefined): Failure {
  const { executorId } = attempt.executor;
  const slot = words?.slots.find(({ taskId }) => taskId === attempt.order.taskId);
  const where = attempt.alone ? "alone in an executor" : "in an executor";
  const story = words === undefined ? "" : `: ${memoryStory(words, slot)}`;
  const message = `the task ran out of memory ${where}, whose process ended (${detail})${story}`;
  const site = siteThatHeld(slot);
  const details = site === undefined ? {} : { site };
  return placed({ code: "OUT_OF_MEMORY", message, details }, attempt.order, executorId);
}
