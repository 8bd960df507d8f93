/** What docs/closures.md says about when values are read, whose copies functions work on, and rows of classes: with real executors. */

import { basename } from "node:path";
import { expect, it } from "vitest";
import { onEveryMaster } from "../kit/masters.ts";

class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get length() {
    return Math.hypot(this.x, this.y);
  }
}

class Counter {
  #n = 0;
  up() {
    return ++this.#n;
  }
}

let moduleState = 0;
const countCalls = () => ++moduleState;

onEveryMaster("closures", (context) => {
  it("a variable is read when the action is called, again by each action", async () => {
    let factor = 2;
    const rdd = context()
      .range(1, 4, 1, 2)
      .map((x) => x * factor);
    factor = 10;
    const first = rdd.collect();
    factor = 100;
    expect(await first).toEqual([10, 20, 30]);
    expect(await rdd.collect()).toEqual([100, 200, 300]);
  });

  it("a variable that is not initialized yet reads as undefined", async () => {
    const kinds = context()
      .range(0, 1)
      .map(() => typeof later)
      .collect();
    const later = 1;
    expect(await kinds).toEqual(["undefined"]);
    expect(later).toBe(1);
  });

  it("objects too: what is written to them after the call does not count", async () => {
    const table = { bonus: 1 };
    const rdd = context()
      .range(0, 3, 1, 3)
      .map((x) => x + table.bonus);
    table.bonus = 5;
    const running = rdd.collect();
    table.bonus = 50;
    expect(await running).toEqual([5, 6, 7]);
  });

  it("the rounds of one action (take, an iterator) read once", async () => {
    let bound = 0;
    const rdd = context()
      .range(0, 40, 1, 40)
      .filter((x) => x >= bound);
    const rows: number[] = [];
    for await (const row of rdd.toLocalIterator()) {
      bound = 1000;
      rows.push(row);
    }
    expect(rows).toHaveLength(40);
  });

  it("each task has its own copy, fresh from the driver's state", async () => {
    const seen: number[] = [];
    const sizes = await context()
      .range(0, 8, 1, 4)
      .map((x) => seen.push(x))
      .collect();
    expect(sizes).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    expect(seen).toEqual([]);
  });

  it("what a task does to a class, a method or a function is not there in the next task", async () => {
    class Tool {
      static made = 0;
      use() {
        return 1;
      }
    }
    const helper = () => 1;
    type Marked = { mark?: number };
    const seen = await context()
      .range(0, 12, 1, 12)
      .map(() => {
        const parts = [Tool, Tool.prototype, Tool.prototype.use, helper] as Marked[];
        const before = [Tool.made, ...parts.map(({ mark }) => mark), new Tool().use()];
        Tool.made++;
        for (const part of parts) part.mark = 1;
        if (before.length > 0) Tool.prototype.use = () => 2;
        return before;
      })
      .collect();
    for (const before of seen) expect(before).toEqual([0, undefined, undefined, undefined, undefined, 1]);
  });

  it("state of a user's module counts anew in each task", async () => {
    const counts = await context().range(0, 6, 1, 3).map(countCalls).collect();
    expect(counts).toEqual([1, 2, 1, 2, 1, 2]);
    expect(moduleState).toBe(0);
  });

  it("functions of one stage share what they share on the driver", async () => {
    const shared = { n: 0 };
    const rows = await context()
      .range(0, 4, 1, 2)
      .map((x) => {
        shared.n++;
        return x;
      })
      .map((x) => [x, shared.n])
      .collect();
    expect(rows).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 2],
    ]);
  });

  it("a captured instance with private members works on executors", async () => {
    const counter = new Counter();
    expect(
      await context()
        .range(0, 4, 1, 2)
        .map(() => counter.up())
        .collect(),
    ).toEqual([1, 2, 1, 2]);
    expect(counter.up()).toBe(1);
  });

  it("rows of a class come back as its instances, through a shuffle too", async () => {
    const points = await context()
      .range(0, 4, 1, 2)
      .map((x) => [x % 2, new Point(3 * x, 4 * x)] as [number, Point])
      .reduceByKey((a, b) => new Point(a.x + b.x, a.y + b.y))
      .values()
      .collect();
    expect(points.every((point) => point instanceof Point)).toBe(true);
    expect(points.map(({ length }) => length).sort((a, b) => a - b)).toEqual([10, 20]);
    const given = await context()
      .parallelize([new Point(3, 4)], 1)
      .map((point) => [point instanceof Point, point.length])
      .collect();
    expect(given).toEqual([[true, 5]]);
  });

  it("builtins and packages are imported on the executor, not copied", async () => {
    const rows = await context()
      .range(0, 1)
      .map(() => [basename("/a/b.txt"), typeof process.pid, process.pid === 0])
      .collect();
    expect(rows).toEqual([["b.txt", "number", false]]);
    const here = process.pid;
    expect(
      await context()
        .range(0, 1)
        .map(() => process.pid === here)
        .collect(),
    ).toEqual([false]);
  });

  it("a function gets exactly the row", async () => {
    expect(
      await context()
        .parallelize(["10", "11", "12"], 1)
        .map(parseInt as (text: string) => number)
        .collect(),
    ).toEqual([10, 11, 12]);
    expect(
      await context()
        .range(0, 3)
        .map((...all: unknown[]) => all.length)
        .collect(),
    ).toEqual([1, 1, 1]);
  });

  it("Math.random gives each row of each partition its own number", async () => {
    const rows = await context()
      .range(0, 40, 1, 4)
      .map(() => Math.random())
      .collect();
    expect(new Set(rows).size).toBe(40);
  });

  it("a captured array of 8 MiB travels", async () => {
    const large = new Uint8Array(8 << 20).fill(7);
    const rdd = context()
      .range(0, 4, 1, 4)
      .map((x) => large[x]);
    expect(await rdd.collect()).toEqual([7, 7, 7, 7]);
  });

  it("a broadcast is captured when it is made, and one object for all tasks of a slot", async () => {
    const table = { n: 1 };
    const shared = context().broadcast(table);
    table.n = 2;
    expect(
      await context()
        .range(0, 2)
        .map(() => shared.value.n)
        .collect(),
    ).toEqual([1, 1]);
    expect(shared.value).toBe(table);
  });
});
