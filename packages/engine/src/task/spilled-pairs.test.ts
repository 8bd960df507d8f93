import { describe, expect, test } from "vitest";
import { KeyIndex } from "../columnar/key-index.js";
import type { ClassRegistry } from "../columnar/types.js";
import { type Pairs, SpilledPairs } from "./spilled-pairs.js";
import type { SpillFile, TaskIo } from "./task-io.js";

const classes: ClassRegistry = { idOf: () => undefined, classOf: () => undefined } as never;

/** A host that knows how large the chunks are that it was given, and how many files are open. */
function host() {
  const seen = { largest: 0, files: 0 };
  const createSpill = (): SpillFile => {
    const chunks: Uint8Array[] = [];
    seen.files++;
    return {
      write(bytes) {
        seen.largest = Math.max(seen.largest, bytes.byteLength);
        chunks.push(bytes.slice());
      },
      read: (wanted) => (wanted ?? [...chunks.keys()]).map((index) => chunks[index] as Uint8Array),
      remove: () => void seen.files--,
    };
  };
  return { io: { createSpill, checkCancelled: () => undefined } as unknown as TaskIo, seen };
}

type Pair = [key: unknown, value: unknown];

function ofArray(pairs: readonly Pair[]): Pairs {
  return { count: pairs.length, keyAt: (index) => pairs[index]?.[0], valueAt: (index) => pairs[index]?.[1] };
}

/** The same as the runtime spills a table: distinct keys. */
function ofTable(pairs: readonly Pair[]): Pairs {
  const keys = new KeyIndex();
  for (const [key] of pairs) keys.slotOf(key);
  return { ...ofArray(pairs), keyAt: (index) => keys.keyAt(index), table: keys };
}

function bucketsOf(spilled: SpilledPairs): Pair[][] {
  return Array.from({ length: spilled.bucketCount }, (_, bucket) =>
    [...spilled.read(bucket)].flatMap((batch) => batch.rows() as Pair[]),
  );
}

/** All pairs are there; those of a key are in one bucket, in the order in which they were spilled. */
function check(spilled: SpilledPairs, ...parts: readonly (readonly Pair[])[]): Pair[][] {
  const buckets = bucketsOf(spilled);
  const grouped = (pairs: readonly Pair[]): Map<unknown, unknown[]> => {
    const groups = new Map<unknown, unknown[]>();
    for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
    return groups;
  };
  const got = buckets.map(grouped);
  expect(got.reduce((sum, groups) => sum + groups.size, 0)).toBe(grouped(parts.flat()).size);
  expect(new Map(got.flatMap((groups) => [...groups]))).toEqual(grouped(parts.flat()));
  return buckets;
}

describe("pairs on the disk", () => {
  test.each<[string, (index: number) => unknown]>([
    ["ints", (index) => index * 7919],
    ["doubles", (index) => index / 3],
    ["strings", (index) => `key ${index}`],
    ["strings beyond ASCII", (index) => `Schlüssel ${index} \u{1f511}`],
    ["strings with lone surrogates", (index) => `${index % 2 ? "\ud800" : ""}${index}`],
    ["mixed", (index) => (index % 3 === 0 ? index : `${index}`)],
  ])("keep the keys of a table that are %s", (_name, keyOf) => {
    const { io, seen } = host();
    const spilled = new SpilledPairs(io, classes);
    const first = Array.from({ length: 5000 }, (_, index): Pair => [keyOf(index), { index }]);
    const second = Array.from({ length: 3000 }, (_, index): Pair => [keyOf(index * 2), [index]]);
    spilled.add(ofTable(first));
    spilled.add(ofTable(second));
    const buckets = check(spilled, first, second);
    expect(buckets.filter((bucket) => bucket.length > 0)).toHaveLength(64);
    expect(seen.files).toBe(0);
  });

  test("are the same wherever a key's hash comes from", () => {
    const pairs = Array.from({ length: 4000 }, (_, index): Pair => [`${index} é`.slice(0, 2 + (index % 6)), index]);
    const distinct = [...new Map(pairs)];
    const [table, array] = [ofTable(distinct), ofArray(distinct)].map((source) => {
      const spilled = new SpilledPairs(host().io, classes);
      spilled.add(source);
      return bucketsOf(spilled);
    });
    expect(table).toEqual(array);
  });

  test("may have one key many times", () => {
    const spilled = new SpilledPairs(host().io, classes);
    const pairs = Array.from({ length: 5000 }, (_, index): Pair => [index % 10, index]);
    spilled.add(ofArray(pairs));
    check(spilled, pairs);
  });

  test("are encoded a bucket at a time", () => {
    const { io, seen } = host();
    const spilled = new SpilledPairs(io, classes);
    const pairs = Array.from({ length: 64_000 }, (_, index): Pair => [`key ${index}`, index]);
    let asked = 0;
    const valueAt = (index: number) => {
      asked++;
      return pairs[index]?.[1];
    };
    spilled.add({ ...ofTable(pairs), valueAt });
    expect(asked).toBe(pairs.length);
    expect(seen.largest).toBeLessThan(64_000 * 40 * 0.05);
    check(spilled, pairs);
  });
});
