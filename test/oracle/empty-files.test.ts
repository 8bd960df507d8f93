/** A file without a line has no partition, which is known only when it is listed: what is joined with it keeps its own rows. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { RDD } from "volley";
import { onEveryMaster } from "../kit/masters.ts";

const folder = mkdtempSync(join(tmpdir(), "volley-empty-"));
const [emptyPath, fullPath] = [join(folder, "empty.txt"), join(folder, "full.txt")];
writeFileSync(emptyPath, "");
writeFileSync(fullPath, Array.from({ length: 50 }, (_, i) => `word${i % 20}`).join("\n"));
afterAll(() => rmSync(folder, { recursive: true }));

type Counts = RDD<[string, number]>;

/** What a side may have become before it is joined. */
const SIDES: Readonly<Record<string, (ones: Counts) => Counts>> = {
  "as read": (ones) => ones,
  reduced: (ones) => ones.reduceByKey((a, b) => a + b),
  grouped: (ones) => ones.groupByKey().mapValues((all) => all.length),
  sorted: (ones) => ones.sortByKey(),
};

onEveryMaster("joins with an empty file", (context) => {
  const read = (path: string): Counts =>
    context()
      .textFile(path)
      .map((line): [string, number] => [line, 1]);

  it.each(Object.keys(SIDES))("the empty side is %s", { timeout: 60_000 }, async (name) => {
    const empty = (): Counts => (SIDES[name] as (ones: Counts) => Counts)(read(emptyPath));
    const full = read(fullPath);
    expect(await full.leftOuterJoin(empty()).count()).toBe(50);
    expect(await empty().rightOuterJoin(full).count()).toBe(50);
    expect(await empty().fullOuterJoin(full).count()).toBe(50);
    expect(
      await empty()
        .cogroup(full, context().parallelize([["word0", 1] as [string, number]], 2))
        .count(),
    ).toBe(20);
    expect(await full.subtractByKey(empty()).count()).toBe(50);
    expect(await empty().join(full).collect()).toEqual([]);
    expect(await empty().subtractByKey(full).collect()).toEqual([]);
    expect(await empty().lookup("word0")).toEqual([]);
    const counted = empty().cache();
    expect(await counted.count()).toBe(0);
    expect(await full.leftOuterJoin(counted).count()).toBe(50);
  });
});
