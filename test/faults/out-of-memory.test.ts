/**
 * Ten ways to run out of memory in a user function: each ends as OUT_OF_MEMORY with what held the memory, after one more try that has an executor to
 * itself; whatever ran beside it is right, and the next job works. Whether V8 ends the thread or the whole process differs by the pattern.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VolleyContext, VolleyError } from "volley";

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local-cluster[1,2,64]", progress: false, logLevel: "silent" });
  await vc.range(0, 2, 1, 2).count();
});
afterAll(() => vc.stop());

const patterns: readonly (readonly [string, (x: number) => unknown])[] = [
  [
    "a growing Map",
    (x) => {
      const map = new Map<number, object>();
      for (let i = x; ; i++) map.set(i, { i });
    },
  ],
  [
    "huge arrays",
    (x) => {
      const all: number[][] = [];
      for (;;) all.push(new Array<number>(3e7).fill(x));
    },
  ],
  [
    "a sort of twenty million",
    (x) => {
      const all: unknown[] = [];
      for (;;) all.push(Array.from({ length: 2e7 }, (_, i) => ((i * 7919) % 20_000_003) + x).sort((a, b) => a - b));
    },
  ],
  [
    "the split of a huge string",
    (x) => {
      const all: unknown[] = [];
      for (;;) all.push(`${x} `.repeat(2e7).split(" "));
    },
  ],
  [
    "many small objects",
    (x) => {
      const all: object[] = [];
      for (let i = x; ; i++) all.push({ i, next: { i } });
    },
  ],
  [
    "strings",
    (x) => {
      const all: string[] = [];
      for (let i = x; ; i++) all.push(`${i}`.repeat(2000).toUpperCase());
    },
  ],
  [
    "typed arrays",
    (x) => {
      const all: unknown[] = [];
      for (;;) all.push(new Float64Array(1 << 20).fill(x));
    },
  ],
  [
    "Buffers",
    (x) => {
      const all: unknown[] = [];
      for (;;) all.push(Buffer.alloc(4 << 20, x));
    },
  ],
  [
    "long integers",
    (x) => {
      const all: bigint[] = [];
      for (let i = x; ; i++) all.push(2n ** BigInt(100_000 + i));
    },
  ],
  [
    "a growing Set of strings",
    (x) => {
      const set = new Set<string>();
      for (let i = x; ; i++) set.add(`the string number ${i}`);
    },
  ],
];

describe("a function that takes all memory", () => {
  it.each(patterns)(
    "%s",
    async (_, hoard) => {
      const beside = vc.range(0, 20, 1, 20).map((i) => i * 2);
      const besideSum = beside.sum();
      const error: unknown = await vc
        .parallelize([1], 1)
        .map((x) => hoard(x))
        .collect()
        .catch((reason: unknown) => reason);
      expect(VolleyError.is(error, "OUT_OF_MEMORY"), String(error)).toBe(true);
      const { message, details } = error as VolleyError;
      expect(message).toMatch(/ran out of memory|held more memory than it may/);
      expect(message).toMatch(/its heap had \d+ MiB of at most 256 MiB.*of a budget of 64 MiB/);
      expect(message.split("\n").length).toBeLessThanOrEqual(12);
      expect([details.operator, details.place?.file]).toEqual(["map", import.meta.filename]);
      expect(details.attempt).toBe(1);
      expect(await besideSum).toBe(380);
      expect(await beside.sum()).toBe(380);
    },
    120_000,
  );
});

it("a table that fills the heap is told of: its operator and its rows", async () => {
  const big = vc.range(0, 60, 1, 1).flatMap((i) => Array.from({ length: 1_000 }, (_, j) => [`${i} ${j}`, i]));
  // Looked at while its entries are small, it is far too large when it would be looked at again.
  const combined = big.aggregateByKey(
    { all: [] as unknown[] },
    (zero, value) => {
      zero.all.push(value < 5 ? value : Array.from({ length: 10_000 }, (_, k) => [k]));
      return zero;
    },
    (a) => a,
    1,
  );
  const error: unknown = await combined.count().catch((reason: unknown) => reason);
  expect(VolleyError.is(error, "OUT_OF_MEMORY"), String(error)).toBe(true);
  expect((error as VolleyError).message).toMatch(/a table of \d+ rows about \d+ MiB/);
}, 120_000);
