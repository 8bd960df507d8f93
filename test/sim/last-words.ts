/** What a process that ran out of memory leaves behind: words that name one of its tasks, or none of use. */

import type { LastWords } from "@volley/engine/wire/last-words.js";
import type { Faults } from "./faults.js";

export function drawLastWords(taskIds: readonly number[], faults: Faults): LastWords | undefined {
  const named = faults.draw("memory", 0, 2 * taskIds.length);
  const slots = taskIds.map((taskId, index) => {
    return { taskId, heapUsedBytes: index === named ? 90 : 1, heapBytes: 1, externalBytes: 0, ageMs: 0 };
  });
  if (faults.draw("memory", 0, 1) === 0) return undefined;
  return { rssBytes: 100, budgetBytes: 100, storageBytes: 0, executionBytes: 0, heapLimitBytes: 100, slots };
}
