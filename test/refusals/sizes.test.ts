/** What is too large, too deep or round: refused with a word about what to do, or carried whole. */

import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { VolleyContext } from "volley";
import { checkRefusal, refusalOf, refusals } from "./kit.ts";

const FILE = fileURLToPath(import.meta.url);

interface List {
  next?: List;
}

function listOf(depth: number): List {
  let list: List = {};
  for (let at = 0; at < depth; at++) list = { next: list };
  return list;
}

refusals("sizes", FILE, (refuses, context) => {
  it("rows that refer to themselves come back so", async () => {
    const rows = await context()
      .range(0, 2, 1, 2)
      .map((x) => {
        const row: { x: number; self?: unknown } = { x };
        row.self = row;
        return row;
      })
      .collect();
    expect(rows.map(({ x }) => x)).toEqual([0, 1]);
    for (const row of rows) expect(row.self).toBe(row);
  });

  it("rows 20,000 deep come back whole", async () => {
    const [row] = await context()
      .range(0, 1)
      .map(() => listOf(20_000))
      .collect();
    let depth = 0;
    for (let at = row?.next; at !== undefined; at = at.next) depth++;
    expect(depth).toBe(20_000);
  });

  it("a captured list 20,000 deep is whole on executors", async () => {
    const list = listOf(20_000);
    const depthOf = () => {
      let depth = 0;
      for (let at = list.next; at !== undefined; at = at.next) depth++;
      return depth;
    };
    expect(await context().range(0, 1).map(depthOf).collect()).toEqual([20_000]);
  });

  it("a string of 16 Mi characters comes back whole", async () => {
    const [text] = await context()
      .range(0, 1)
      .map(() => "é".repeat(1 << 24))
      .collect();
    expect(text?.length).toBe(1 << 24);
  });

  refuses(
    "a string longer than JavaScript can hold",
    { code: "USER_FUNCTION_FAILED", says: /Invalid string length/, points: "place" },
    (vc) =>
      vc
        .range(0, 1)
        .map(() => "x".repeat(2 ** 29))
        .count(),
  );
});

it("collect of more than maxResultSizeMiB", async () => {
  const vc = await VolleyContext.create({ master: "local[2]", maxResultSizeMiB: 1 });
  try {
    const rdd = vc.range(0, 8, 1, 8).map((x) => `${x}`.repeat(1 << 18));
    const error = await refusalOf(() => rdd.collect());
    checkRefusal(
      error,
      { code: "RESULT_TOO_LARGE", says: /collect at sizes\.test\.ts.*toLocalIterator.*maxResultSizeMiB/s },
      FILE,
    );
    expect(await rdd.count()).toBe(8);
    let rows = 0;
    for await (const row of rdd) rows += row.length > 0 ? 1 : 0;
    expect(rows).toBe(8);
  } finally {
    await vc.stop();
  }
});
