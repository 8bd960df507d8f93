import { describe, expect, test } from "vitest";
import { planEviction } from "./eviction.js";

const block = (name: string, bytes: number, group?: string, busy = false) => ({ name, bytes, group, busy });

describe("planEviction", () => {
  test("takes the least recently used, no more than needed", () => {
    expect(planEviction([block("a", 10), block("b", 10), block("c", 10)], 15, undefined)).toEqual(["a", "b"]);
  });

  test("spares the RDD that is being written and what is in use", () => {
    const blocks = [block("a", 10, "rdd_1"), block("b", 10, "rdd_2", true), block("c", 10, "rdd_3")];
    expect(planEviction(blocks, 10, "rdd_1")).toEqual(["c"]);
  });

  test("evicts nothing in vain", () => {
    expect(planEviction([block("a", 10)], 11, undefined)).toBeUndefined();
    expect(planEviction([block("a", 10)], 0, undefined)).toEqual([]);
  });
});
