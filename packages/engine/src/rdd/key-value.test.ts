/** Key-value methods against what Array.prototype gives for the same rows. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";
import { HashPartitioner, Partitioner, RangePartitioner } from "./partitioner.js";

const SEED = 20_260;
const pairsOf = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.integer({ min: -9, max: 9 })), {
  maxLength: 40,
});
const parts = fc.integer({ min: 1, max: 5 });

function grouped<V>(rows: readonly (readonly [string, V])[]): Map<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const [key, value] of rows) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

function sorted<T>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function check(
  property: (rows: [string, number][], n: number, other: [string, number][]) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(pairsOf, parts, pairsOf, property), { seed: SEED, numRuns: 25 });
}

describe("against arrays", () => {
  test("reduceByKey, foldByKey, aggregateByKey, combineByKey, reduceByKeyLocally", () =>
    check(async (rows, n) => {
      const rdd = new LocalContext().parallelize(rows, n);
      const sums = [...grouped(rows)].map(([key, values]): [string, number] => [key, values.reduce((a, b) => a + b)]);
      const plus = (a: number, b: number) => a + b;
      expect(sorted(await rdd.reduceByKey(plus).collect())).toEqual(sorted(sums));
      expect(sorted(await rdd.foldByKey(0, plus, 3).collect())).toEqual(sorted(sums));
      expect(sorted(await rdd.aggregateByKey(0, plus, plus, 2).collect())).toEqual(sorted(sums));
      expect(sorted(await rdd.combineByKey((v) => v, plus, plus).collect())).toEqual(sorted(sums));
      expect(sorted(await rdd.combineByKey((v) => v, plus, plus, 2, false).collect())).toEqual(sorted(sums));
      expect(sorted([...(await rdd.reduceByKeyLocally(plus))])).toEqual(sorted(sums));
    }));

  test("lookup where there are no partitions finds nothing", async () => {
    const none = new LocalContext().parallelize([] as [string, number][], 0);
    const placed = none.subtractByKey(none);
    expect(await placed.getNumPartitions()).toBe(0);
    expect(await placed.lookup("a")).toEqual([]);
  });

  test("groupByKey keeps the order of the rows, countByKey, lookup, collectAsMap", () =>
    check(async (rows, n) => {
      const rdd = new LocalContext().parallelize(rows, n);
      const groups = grouped(rows);
      expect(sorted(await rdd.groupByKey().collect())).toEqual(sorted([...groups]));
      expect(await rdd.countByKey()).toEqual(new Map([...groups].map(([key, values]) => [key, values.length])));
      expect(await rdd.lookup("a")).toEqual(groups.get("a") ?? []);
      expect(await rdd.partitionBy(new HashPartitioner(3)).lookup("a")).toEqual(groups.get("a") ?? []);
      expect(await rdd.collectAsMap()).toEqual(new Map(rows));
    }));

  test("rightOuterJoin keeps the order of the right, subtractByKey that of the left", () =>
    check(async (left, n, right) => {
      const vc = new LocalContext();
      const [a, b] = [vc.parallelize(left, n), vc.parallelize(right, 2)];
      const kept = right.flatMap(([k, w]) => (grouped(left).get(k) ?? [undefined]).map((v) => [k, [v, w]]));
      expect(await a.rightOuterJoin(b, 1).collect()).toEqual(kept);
      expect(await a.subtractByKey(b, 1).collect()).toEqual(
        left.filter(([k]) => !right.some(([other]) => other === k)),
      );
    }));

  test("joins and cogroup", () =>
    check(async (left, n, right) => {
      const vc = new LocalContext();
      const [a, b] = [vc.parallelize(left, n), vc.parallelize(right, 2)];
      const inner = left.flatMap(([k, v]) => right.filter(([other]) => other === k).map(([, w]) => [k, [v, w]]));
      const lonely = left.filter(([k]) => !right.some(([other]) => other === k));
      const strange = right.filter(([k]) => !left.some(([other]) => other === k));
      const leftOnly = lonely.map(([k, v]) => [k, [v, undefined]]);
      const rightOnly = strange.map(([k, w]) => [k, [undefined, w]]);
      expect(sorted(await a.join(b).collect())).toEqual(sorted(inner));
      expect(sorted(await a.leftOuterJoin(b).collect())).toEqual(sorted([...inner, ...leftOnly]));
      expect(sorted(await a.rightOuterJoin(b, 3).collect())).toEqual(sorted([...inner, ...rightOnly]));
      expect(sorted(await a.fullOuterJoin(b).collect())).toEqual(sorted([...inner, ...leftOnly, ...rightOnly]));
      expect(sorted(await a.subtractByKey(b).collect())).toEqual(sorted(lonely));
      const keys = [...new Set([...left, ...right].map(([k]) => k))];
      const both = keys.map((k) => [k, [grouped(left).get(k) ?? [], grouped(right).get(k) ?? []]]);
      expect(sorted(await a.cogroup(b).collect())).toEqual(sorted(both));
      expect(sorted(await a.groupWith(b).collect())).toEqual(sorted(both));
    }));

  test("filterByRange after a sort, in either direction", () =>
    check(async (rows, n) => {
      const rdd = new LocalContext().parallelize(rows, n);
      const wanted = sorted(rows.filter(([k]) => k >= "b" && k <= "d"));
      expect(sorted(await rdd.sortByKey().filterByRange("b", "d").collect())).toEqual(wanted);
      expect(
        sorted(await rdd.sortByKey({ ascending: false, numPartitions: 3 }).filterByRange("b", "d").collect()),
      ).toEqual(wanted);
      expect(sorted(await rdd.filterByRange("b", "d").collect())).toEqual(wanted);
    }));
});

describe("zeros", () => {
  test("are copied for each key, whatever they are made of", async () => {
    const rdd = new LocalContext().parallelize(
      [
        ["a", 1],
        ["b", 2],
        ["a", 3],
      ],
      1,
    );
    const lists = rdd.aggregateByKey(
      [] as number[],
      (list, v) => {
        list.push(v);
        return list;
      },
      (a, b) => [...a, ...b],
    );
    expect(sorted(await lists.collect())).toEqual([
      ["a", [1, 3]],
      ["b", [2]],
    ]);
    const deep = rdd.aggregateByKey(
      { seen: new Set<number>(), at: [new Date(0)], bytes: new Uint8Array(1) },
      (total, v) => {
        total.seen.add(v);
        (total.bytes[0] as number)++;
        return total;
      },
      (a) => a,
    );
    const sizes = await deep.mapValues(({ seen, bytes }) => [seen.size, bytes[0]]).collect();
    expect(sorted(sizes)).toEqual([
      ["a", [2, 2]],
      ["b", [1, 1]],
    ]);
  });

  test("that share parts with themselves stay so", async () => {
    const shared = { n: 0 };
    const rdd = new LocalContext().parallelize(
      [
        ["a", 1],
        ["b", 1],
      ],
      1,
    );
    const totals = rdd.aggregateByKey(
      { one: shared, same: shared },
      (total, v) => {
        total.one.n += v;
        return total;
      },
      (a) => a,
    );
    expect(sorted(await totals.mapValues(({ one, same }) => one === same && same.n).collect())).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });
});

describe("partitioners", () => {
  test("what is placed already is not shuffled", async () => {
    const vc = new LocalContext();
    const placed = vc
      .parallelize(
        [
          ["a", 1],
          ["b", 2],
        ],
        2,
      )
      .partitionBy(new HashPartitioner(3));
    await placed.count();
    vc.ran.length = 0;
    const other = placed.mapValues((v) => v * 2);
    await placed
      .join(other)
      .reduceByKey((a) => a)
      .count();
    expect(new Set(vc.ran.map(({ stage }) => stage)).size).toBe(1);
    expect(placed.partitionBy(new HashPartitioner(3))).toBe(placed);
  });

  test("default: the larger one that is large enough, else the most partitions", () => {
    const vc = new LocalContext();
    const pairs = (n: number) => vc.parallelize([["a", 1]], n);
    const hashed = (n: number) => pairs(1).partitionBy(new HashPartitioner(n));
    expect(pairs(3).join(pairs(5)).partitioner?.numPartitions).toBe(5);
    expect(hashed(2).join(pairs(19)).partitioner?.numPartitions).toBe(2);
    expect(hashed(2).join(pairs(20)).partitioner?.numPartitions).toBe(20);
    expect(hashed(2).join(hashed(5)).partitioner?.numPartitions).toBe(5);
    expect(hashed(4).subtractByKey(pairs(9)).partitioner?.numPartitions).toBe(4);
    expect(pairs(3).subtractByKey(hashed(9)).partitioner?.numPartitions).toBe(3);
  });

  test("of files are known once the files are listed", async () => {
    const vc = new LocalContext();
    vc.store.putText("in/a", "x 1\ny 2\nx 3\n");
    const counts = vc
      .textFile("in", 6)
      .map((line) => [line.slice(0, 1), 1])
      .reduceByKey((a, b) => a + b);
    const parent = await vc.textFile("in", 6).getNumPartitions();
    expect(parent).toBeGreaterThan(2);
    expect(await counts.getNumPartitions()).toBe(parent);
    expect(counts.partitioner?.numPartitions).toBe(parent);
    expect(counts.mapValues((v) => v).partitioner?.equals(counts.partitioner)).toBe(true);
    expect(sorted(await counts.join(counts).collect())).toEqual([
      ["x", [2, 2]],
      ["y", [1, 1]],
    ]);
  });

  test("a user's own, checked", async () => {
    class Wrong extends Partitioner {
      override get numPartitions(): number {
        return 2;
      }
      getPartition(): number {
        return 2;
      }
    }
    const wrong = new LocalContext().parallelize([["a", 1]], 1).partitionBy(new Wrong());
    await expect(wrong.collect()).rejects.toMatchObject({ code: "INVALID_PARTITIONER" });
  });

  test("ranges balance skewed keys and never split equal ones", async () => {
    const vc = new LocalContext();
    const rows = Array.from({ length: 2000 }, (_, i): [number, number] => [i % 3 === 0 ? 7 : i % 500, i]);
    const rdd = vc.parallelize(rows, 4);
    const parts = await rdd.partitionBy(new RangePartitioner(4, rdd)).glom().collect();
    const keys = parts.map((part) => new Set(part.map(([key]) => key)));
    expect(keys.flatMap((set) => [...set]).length).toBe(new Set(rows.map(([key]) => key)).size);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(1300);
  });
});
