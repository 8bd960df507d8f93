/** Volley's own objects in users' functions: they come back as instances of Volley's classes, without the lineage behind them. */

import { knownNameOf, knownValueOf } from "@volley/engine/closure/known-classes.js";
import { openEnvelope } from "@volley/engine/closure/revive.js";
import { KeyMap, KeySet } from "@volley/engine/lib/key-map.js";
import { LateHashPartitioner } from "@volley/engine/rdd/late-hash-partitioner.js";
import { HashPartitioner, RangePartitioner } from "@volley/engine/rdd/partitioner.js";
import { StatCounter } from "@volley/engine/rdd/stat-counter.js";
import { StorageLevel } from "@volley/engine/task/storage-level.js";
import { expect, test } from "vitest";
import { captureEnvelope } from "./capture.js";

function travel<T>(value: T): T {
  const { bytes } = captureEnvelope([value], {
    describe: () => ({ operator: "map", file: "", line: 0, column: 0 }),
    known: knownNameOf,
    handle: () => undefined,
    classId: () => 0,
  });
  const refuse = (): never => {
    throw new Error("should not be reached");
  };
  const host = {
    known: knownValueOf,
    handle: refuse,
    requireFrom: refuse,
    resolveFrom: refuse,
    importFrom: refuse,
    compile: (text: string) => new Function(`return ${text};`)() as unknown,
    registerClass: () => undefined,
  };
  return openEnvelope(bytes).revive([0], host)[0] as T;
}

test("maps and sets by value", () => {
  const map = travel(
    new KeyMap<unknown, number>([
      [["a", 1], 1],
      ["b", 2],
    ]),
  );
  expect([map instanceof KeyMap, map.get(["a", 1]), map.get("b"), map.has(["a", 2])]).toEqual([true, 1, 2, false]);
  map.set(["a", 1], 5);
  expect([...map]).toEqual([
    [["a", 1], 5],
    ["b", 2],
  ]);
  expect(travel(new KeySet([[1], [2]])).has([2])).toBe(true);
});

test("partitioners place keys as they did", () => {
  expect(travel(new HashPartitioner(5)).equals(new HashPartitioner(5))).toBe(true);
  const ranges = new RangePartitioner(3, { node: { f: () => travel } });
  ranges.bounds = [10, 20];
  const revived = travel(ranges);
  expect([5, 15, 25].map((key) => revived.getPartition(key))).toEqual([0, 1, 2]);
  const late = new LateHashPartitioner(2, []);
  late.resolve(7);
  expect(travel(late).getPartition("key")).toBe(new HashPartitioner(7).getPartition("key"));
});

test("statistics and storage levels", () => {
  expect(travel(new StatCounter([1, 3])).merge(5).mean).toBe(3);
  expect(travel(StorageLevel.DISK_ONLY)).toBe(StorageLevel.DISK_ONLY);
});
