import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import type { ClassRegistry } from "@volley/engine/columnar/types.js";
import { Accumulator } from "@volley/engine/rdd/accumulator.js";
import { expect, it } from "vitest";
import type { Driver } from "./driver.js";
import { SharedVariables } from "./shared-variables.js";

const classes: ClassRegistry = {
  idOf: () => undefined,
  byId: () => {
    throw new Error("should not be reached");
  },
};

function sharedVariables(): SharedVariables {
  const driver = { putBlock: () => {} } as Partial<Driver> as Driver;
  return new SharedVariables(driver, classes, () => new Uint8Array());
}

it("a broadcast of another context is refused: here its number means another one", () => {
  const [one, other] = [sharedVariables(), sharedVariables()];
  const broadcast = one.broadcast([1, 2]);
  other.broadcast("of the same number");
  expect(one.handle(broadcast)).toEqual({ type: "broadcast", data: { id: 0 } });
  expect(() => other.handle(broadcast)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

class Longest extends Accumulator<string, string> {
  text = "";
  get isZero() {
    return this.text === "";
  }
  get value() {
    return this.#shown();
  }
  #shown() {
    return this.text.toUpperCase();
  }
  add(text: string) {
    if (text.length > this.text.length) this.text = text;
  }
  merge(other: Longest) {
    this.add(other.#shown());
  }
  reset() {
    this.text = "";
  }
  copy() {
    const same = new Longest();
    same.text = this.text;
    return same;
  }
}

it("accumulators may have private methods, which hold no state", () => {
  const shared = sharedVariables();
  const longest = shared.register(new Longest());
  longest.add("abc");
  shared.merge(encodeRows([[0, { text: "longer" }]], classes));
  expect(longest.value).toBe("LONGER");
  shared.merge(encodeRows([[0, { text: "x" }]], classes));
  expect(longest.value).toBe("LONGER");
});

class Spread extends Accumulator<number, number> {
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  get isZero() {
    return this.#low > this.#high;
  }
  get value() {
    return this.#high - this.#low;
  }
  add(value: number) {
    this.#low = Math.min(this.#low, value);
    this.#high = Math.max(this.#high, value);
  }
  merge(other: Spread) {
    this.add(other.#low);
    this.add(other.#high);
  }
  reset() {
    this.#low = Number.POSITIVE_INFINITY;
    this.#high = Number.NEGATIVE_INFINITY;
  }
  copy() {
    const same = new Spread();
    same.#low = this.#low;
    same.#high = this.#high;
    return same;
  }
}

it("accumulators may keep their state in private fields", () => {
  const shared = sharedVariables();
  const spread = shared.register(new Spread());
  spread.add(5);
  shared.merge(encodeRows([[0, {}, { "#low": 2, "#high": 3, "#other": "of nobody" }]], classes));
  expect(spread.value).toBe(3);
  shared.merge(encodeRows([[0, {}, { "#low": 4, "#high": 12 }]], classes));
  expect(spread.value).toBe(10);
});

it("refuses a private field that a class and its parent both have: a name does not tell which", () => {
  class Wider extends Spread {
    #low = 0;
    get lowest() {
      return this.#low;
    }
  }
  expect(() => sharedVariables().register(new Wider())).toThrow(
    /Wider keeps state in the private member #low, which its parent class has too/,
  );
});
