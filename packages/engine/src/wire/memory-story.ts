/** What held the memory, in words for who reads an OUT_OF_MEMORY. */

import type { LastWords } from "./last-words.js";

type Slot = LastWords["slots"][number];

/** Of a heap: a table with less is not what filled it. */
const TABLE_SHARE = 0.3;
/** A slot passes by ten times a second: one that has not for so long is deep in one call of a function. */
const DEEP_MS = 500;

const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** One line. `slot`: that of the task in question. */
export function memoryStory(words: LastWords, slot: Slot | undefined): string {
  const { rssBytes, budgetBytes, storageBytes, executionBytes, heapLimitBytes } = words;
  const parts: string[] = [];
  if (slot !== undefined) {
    const { heapUsedBytes, externalBytes, ageMs, table } = slot;
    const buffers = externalBytes > heapUsedBytes / 4 ? ` and ${mib(externalBytes)} in buffers` : "";
    const age = ageMs < DEEP_MS ? "" : ` ${(ageMs / 1000).toFixed(1)} s before, when it entered a function`;
    parts.push(`its heap had ${mib(heapUsedBytes)} of at most ${mib(heapLimitBytes)}${buffers}${age}`);
    if (table !== undefined) parts.push(`a table of ${table.rows} rows about ${mib(table.bytes)}`);
  }
  parts.push(
    `the executor ${mib(rssBytes)}, of which ${mib(storageBytes)} in blocks and ${mib(executionBytes)} reserved by tasks, of a budget of ${mib(budgetBytes)}`,
  );
  return parts.join("; ");
}

/** The site of the operator whose table filled the heap; undefined when none did. */
export function siteThatHeld(slot: Slot | undefined): number | undefined {
  const table = slot?.table;
  if (slot === undefined || table === undefined || table.bytes < slot.heapUsedBytes * TABLE_SHARE) return undefined;
  return table.site;
}
