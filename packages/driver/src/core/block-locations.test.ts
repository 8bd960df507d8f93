import { expect, it } from "vitest";
import { BlockLocations } from "./block-locations.js";
import { Executors } from "./executors.js";

const registry = new Executors();
const a = registry.add("a", "1", 1, "a", 0);
const b = registry.add("b", "1", 1, "b", 0);

it("knows who holds a cached partition, from both ends", () => {
  const blocks = new BlockLocations();
  blocks.add("rdd_1_0", a);
  blocks.add("rdd_1_0", b);
  blocks.add("rdd_1_0", b);
  blocks.add("rdd_2_5", b);
  expect(blocks.holdersOf("rdd_1_0")).toEqual([a, b]);
  expect(blocks.holdersOfRdd(1)).toEqual([a, b]);
  blocks.removeHolder(b);
  blocks.validate();
  expect(blocks.holdersOf("rdd_1_0")).toEqual([a]);
  expect(blocks.holdersOf("rdd_2_5")).toEqual([]);
  blocks.remove("rdd_1_0", a);
  blocks.validate();
  expect(blocks.isEmpty).toBe(true);
});

it("forgets an RDD", () => {
  const blocks = new BlockLocations();
  blocks.add("rdd_1_0", a);
  blocks.add("rdd_2_0", a);
  blocks.removeRdd(1);
  blocks.validate();
  expect(blocks.holdersOf("rdd_1_0")).toEqual([]);
  expect(blocks.holdersOf("rdd_2_0")).toEqual([a]);
});

it("leaves other blocks and texts that name none alone", () => {
  const blocks = new BlockLocations();
  for (const name of ["shuffle_1_0_0", "broadcast_3", "../../etc", "rdd_1", ""]) {
    blocks.add(name, a);
    blocks.remove(name, a);
    expect(blocks.holdersOf(name)).toEqual([]);
  }
  expect(blocks.isEmpty).toBe(true);
});
