/** Rows of classes with private members: the same as arrays of the instances themselves. */

import { expect, it } from "vitest";
import { onEveryMaster } from "../kit/masters.ts";

class Point {
  #x: number;
  #y: number;
  readonly label: string;
  constructor(x: number, y: number, label = "p") {
    this.#x = x;
    this.#y = y;
    this.label = label;
  }
  get norm() {
    return this.#x ** 2 + this.#y ** 2;
  }
  plus(other: Point) {
    return new Point(this.#x + other.#x, this.#y + other.#y, this.label);
  }
  toString() {
    return `${this.label}(${this.#x},${this.#y})`;
  }
}

class Named extends Point {
  readonly #names: string[];
  #seen = new Set<number>();
  constructor(x: number, names: readonly string[]) {
    super(x, x + 1, "n");
    this.#names = names.map((name) => name.trim());
  }
  see(n: number) {
    this.#seen.add(n);
    return this;
  }
  override toString() {
    return `${super.toString()}${this.#names.join("+")}${[...this.#seen].join()}${this.#length()}`;
  }
  #length() {
    return this.#names.length;
  }
}

const points = Array.from({ length: 40 }, (_, i) => new Point(i % 7, i % 5));
const named = Array.from({ length: 12 }, (_, i) => new Named(i, [` a${i} `, "b"]).see(i));

onEveryMaster("rows of classes with private members", (context) => {
  it("are made on executors and come back", async () => {
    const rows = await context()
      .range(0, 20)
      .map((i) => (i % 3 === 0 ? new Named(i, [" x "]).see(i) : new Point(i, 1)))
      .collect();
    const expected = Array.from({ length: 20 }, (_, i) =>
      i % 3 === 0 ? new Named(i, [" x "]).see(i) : new Point(i, 1),
    );
    expect(rows.map(String)).toEqual(expected.map(String));
    expect(rows.every((row) => row instanceof Point)).toBe(true);
    expect(rows[3]).toBeInstanceOf(Named);
  });
  it("go there from the driver, through shuffles, caches and back", async () => {
    const rdd = context()
      .parallelize([...points, ...named], 4)
      .cache();
    expect((await rdd.repartition(3).map(String).collect()).sort()).toEqual([...points, ...named].map(String).sort());
    const byNorm = await rdd
      .keyBy((point) => point.norm % 4)
      .reduceByKey((a, b) => a.plus(b))
      .mapValues(String)
      .collect();
    const expected = new Map<number, Point>();
    for (const point of [...points, ...named]) {
      const known = expected.get(point.norm % 4);
      expected.set(point.norm % 4, known === undefined ? point : known.plus(point));
    }
    const labels = (pairs: Iterable<readonly [number, unknown]>) =>
      [...pairs].map(([key, text]) => `${key}:${String(text).slice(1)}`).sort();
    expect(labels(byNorm)).toEqual(labels(expected));
    const sorted = await rdd.sortBy((point) => point.norm).collect();
    expect(sorted.map((point) => point.norm)).toEqual([...points, ...named].map((p) => p.norm).sort((a, b) => a - b));
    expect((await rdd.first()).plus(points[1] as Point).norm).toBe((points[0] as Point).plus(points[1] as Point).norm);
  });
  it("stand inside other rows, twice and in a ring", async () => {
    const rows = await context()
      .parallelize([1, 2], 2)
      .map((n) => {
        const point = new Point(n, n);
        return { twice: [point, point], map: new Map([["k", new Named(n, ["z"])]]) };
      })
      .collect();
    expect(rows.map(({ twice, map }) => [twice[0] === twice[1], String(twice[0]), String(map.get("k"))])).toEqual(
      [1, 2].map((n) => [true, String(new Point(n, n)), String(new Named(n, ["z"]))]),
    );
  });
  it("are folded into a captured zero", async () => {
    const sum = await context()
      .parallelize(points, 3)
      .fold(new Point(0, 0), (a, b) => a.plus(b));
    expect(String(sum)).toBe(String(points.reduce((a, b) => a.plus(b), new Point(0, 0))));
  });
});
