/** Accumulators of users' own classes against the same done with arrays, where their state is private too. */

import { expect, it } from "vitest";
import { Accumulator } from "volley";
import { onEveryMaster } from "../kit/masters.ts";

/** How often each word was added. */
class Counts extends Accumulator<string, ReadonlyMap<string, number>> {
  #counts = new Map<string, number>();
  #longest = "";
  readonly label = "counts";

  get isZero() {
    return this.#counts.size === 0;
  }
  get value() {
    return this.#counts;
  }
  get longest() {
    return this.#longest;
  }
  add(word: string) {
    this.#note(word, 1);
  }
  merge(other: Counts) {
    for (const [word, count] of other.#counts) this.#note(word, count);
  }
  reset() {
    this.#counts = new Map();
    this.#longest = "";
  }
  copy() {
    const same = new Counts();
    same.merge(this);
    return same;
  }
  #note(word: string, count: number) {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + count);
    if (word.length > this.#longest.length) this.#longest = word;
  }
}

/** The same, and how many rows were seen in all. */
class CountsAndRows extends Counts {
  #rows = 0;

  get rows() {
    return this.#rows;
  }
  override add(word: string) {
    super.add(word);
    this.#rows++;
  }
  override merge(other: CountsAndRows) {
    super.merge(other);
    this.#rows += other.#rows;
  }
  override reset() {
    super.reset();
    this.#rows = 0;
  }
  override copy() {
    const same = new CountsAndRows();
    same.merge(this);
    return same;
  }
}

onEveryMaster("accumulators with private fields", (context) => {
  it("come back from executors as they were filled there", async () => {
    const words = Array.from({ length: 60 }, (_, i) => "abcdefgh".slice(0, 1 + ((i * 7) % 8)));
    const counts = context().register(new CountsAndRows(), "counts");
    const lone = context().register(new Counts());
    counts.add("abc");
    await context()
      .parallelize(words, 5)
      .foreach((word) => {
        counts.add(word);
        if (word.length > 4) lone.add(word);
      });
    const expected = new Map<string, number>();
    for (const word of [...words, "abc"]) expected.set(word, (expected.get(word) ?? 0) + 1);
    expect(new Map([...counts.value].sort())).toEqual(new Map([...expected].sort()));
    expect([counts.rows, counts.longest, counts.label]).toEqual([61, "abcdefgh", "counts"]);
    expect([...lone.value.values()].reduce((a, b) => a + b)).toBe(words.filter((word) => word.length > 4).length);
  });

  it("count what failed attempts counted never, and empty partitions nothing", async () => {
    const counts = context().register(new Counts());
    const failing = context()
      .parallelize(["a", "b", "fail"], 1)
      .foreach((word) => {
        counts.add(word);
        if (word === "fail") throw new Error("no");
      });
    await expect(failing).rejects.toThrow();
    await context()
      .parallelize(["x"], 4)
      .foreach((word) => counts.add(word));
    expect([...counts.value]).toEqual([["x", 1]]);
  });
});
