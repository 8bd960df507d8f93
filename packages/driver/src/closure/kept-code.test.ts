/** Which functions and classes two tasks of a thread share, and which are fresh copies. */

import { describe, expect, test } from "vitest";
import { envelopeOf, reviveHost } from "./testing/round-trip.js";

/** The root as two tasks get it; `change` is what the first one does to it. */
function twice<T>(root: T, change: (made: T) => void = () => undefined): [T, T] {
  const envelope = envelopeOf([root]);
  const revive = () => envelope.revive([0], reviveHost())[0] as T;
  const first = revive();
  change(first);
  return [first, revive()];
}

class Point {
  static readonly dimensions = 2;
  x: number;
  constructor(x: number) {
    this.x = x;
  }
  double() {
    return times(this.x, 2);
  }
}
class Named extends Point {
  get name() {
    return `point ${this.x}`;
  }
}
const times = (a: number, b: number) => a * b;

describe("shared", () => {
  test("classes that capture code and primitives, with their parents and instances", () => {
    const [first, second] = twice([Point, Named, new Named(3)] as const);
    expect(second[0]).toBe(first[0]);
    expect(second[1]).toBe(first[1]);
    expect(second[2]).not.toBe(first[2]);
    expect(Object.getPrototypeOf(second[2])).toBe(first[1].prototype);
    expect([second[2].double(), second[2].name, second[0].dimensions]).toEqual([6, "point 3", 2]);
  });

  test("not by two functions of one text in one task", () => {
    const make = (by: number) => (x: number) => x * by;
    for (const [a, b, c] of twice([make(2), make(2), make(3)] as const)) {
      expect(a).not.toBe(b);
      expect([a(5), b(5), c(5)]).toEqual([10, 10, 15]);
    }
  });

  test("not when another value was captured meanwhile", () => {
    const revive = (by: number) => {
      class Scaled {
        get by() {
          return by;
        }
      }
      return envelopeOf([Scaled]).revive([0], reviveHost())[0] as typeof Scaled;
    };
    const [two, three, again] = [revive(2), revive(3), revive(3)];
    expect([new two().by, new three().by, new again().by]).toEqual([2, 3, 3]);
    expect(again).toBe(three);
    expect(three).not.toBe(two);
  });
});

describe("fresh", () => {
  const changes: readonly [string, (made: typeof Point) => void][] = [
    ["a static", (made) => Object.assign(made, { dimensions: 3 })],
    ["a new property", (made) => Object.assign(made, { extra: 1 })],
    ["a new method", (made) => Object.assign(made.prototype, { extra: () => 1 })],
    ["another method", (made) => Object.defineProperty(made.prototype, "double", { value: () => 7 })],
    ["a property of a method", (made) => Object.assign(made.prototype.double, { calls: 1 })],
    ["a frozen class", (made) => Object.freeze(made)],
    ["another parent", (made) => Object.setPrototypeOf(made.prototype, { extra: 1 })],
  ];
  test.each(changes)("after %s", (_, change) => {
    const [first, second] = twice(Point, change);
    expect(second).not.toBe(first);
    expect([second.dimensions, new second(2).double()]).toEqual([2, 4]);
    expect(Object.getOwnPropertyNames(second.prototype)).toEqual(["constructor", "double"]);
    expect(Object.getPrototypeOf(second.prototype)).toBe(Object.prototype);
  });

  test("children of a parent that was changed", () => {
    const [first, second] = twice([Point, Named] as const, ([parent]) => Object.assign(parent.prototype, { extra: 1 }));
    expect(second[1]).not.toBe(first[1]);
    expect("extra" in second[1].prototype).toBe(false);
  });

  test("what captures an object, or assigns to what it captures", () => {
    const table = { n: 0 };
    let count = 0;
    class Keeps {
      #own = 1;
      up() {
        return ++table.n + this.#own;
      }
    }
    const [first, second] = twice({ Keeps, up: () => ++count });
    expect([new first.Keeps().up(), new first.Keeps().up(), new second.Keeps().up()]).toEqual([2, 3, 2]);
    expect([first.up(), first.up(), second.up()]).toEqual([1, 2, 1]);
  });
});
