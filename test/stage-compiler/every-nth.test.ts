/** An operator that another package defines stands in lineage, plans and executors as the engine's own do. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../scripts/tidy.ts";
import { onEveryMaster } from "../kit/masters.ts";
import { everyNth } from "./every-nth.ts";

onEveryMaster("an operator from outside", (context) => {
  it("runs between the engine's operators, in each partition from its first row", async () => {
    const rows = context()
      .range(0, 20, 1, 2)
      .map((x) => x + 1);
    expect(await everyNth(rows, 4).collect()).toEqual([1, 5, 9, 11, 15, 19]);
    expect(
      await everyNth(rows, 3)
        .map((x) => x * 10)
        .filter((x) => x > 100)
        .count(),
    ).toBe(4);
  });

  it("keeps what it says it keeps, and feeds a shuffle", async () => {
    const pairs = context()
      .range(0, 30, 1, 3)
      .map((x) => [x % 3, x] as [number, number])
      .groupByKey(2);
    expect(everyNth(pairs, 2).partitioner).toBe(pairs.partitioner);
    const counts = await everyNth(context().range(0, 30, 1, 3), 5)
      .map((x) => [x % 2, 1])
      .reduceByKey((a, b) => a + b)
      .collectAsMap();
    expect(counts).toEqual(
      new Map([
        [0, 3],
        [1, 3],
      ]),
    );
  });

  it("shows in explain() and toDebugString() as a part of the one loop", async () => {
    const rdd = everyNth(context().range(0, 20, 1, 2), 4).map((x) => x + 1);
    // The line is the one that called everyNth, not one of its own.
    expect(await rdd.toDebugString()).toMatch(/EveryNthRDD\[\d+\] at everyNth at every-nth\.test\.ts:\d+/);
    const text = await rdd.explain();
    expect(text.match(/for \(/g)).toHaveLength(1);
    expect(text).toMatch(/if \(\$seen\d+\+\+ % \$b\d+ === 0\) \{/);
  });
});

it("stands in docs/stage-compiler.md as it is", () => {
  const code = readFileSync(join(ROOT, "test/stage-compiler/every-nth.ts"), "utf8");
  expect(readFileSync(join(ROOT, "docs/stage-compiler.md"), "utf8")).toContain(`\`\`\`ts\n${code}\`\`\``);
});
