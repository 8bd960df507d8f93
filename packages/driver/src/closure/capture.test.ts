import { readerParamsOf } from "@volley/engine/closure/captured-values.js";
import { describe, expect, it } from "vitest";
import { envelopeOf, reviveHost, travel } from "./testing/round-trip.js";

const k = 3;
const helper = (x: number): number => x + k;
let counter = 0;
const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));
const even = (n: number): boolean => (n === 0 ? true : odd(n - 1));
const odd = (n: number): boolean => (n === 0 ? false : even(n - 1));

describe("functions", () => {
  it("captures constants and helpers", () => {
    expect(travel((x: number) => x * k + helper(x))(5)).toBe(23);
  });
  it("needs nothing for a plain function", () => {
    expect(travel((x: number) => Math.sqrt(x))(9)).toBe(3);
  });
  it("says of functions which parameters they only read", () => {
    const sum = (x: number[]) => x.reduce((total, v) => total + v, 0);
    const { sum: arrived } = travel({ sum, keep: (x: number[]) => [x] });
    expect(JSON.parse(readerParamsOf(arrived))).toEqual([[]]);
    expect(readerParamsOf(travel((x: number[]) => [x]))).toBe("");
  });
  it("recurses, alone and mutually", () => {
    expect(travel(fib)(10)).toBe(55);
    expect(travel(even)(7)).toBe(false);
  });
  it("shares an assigned variable", () => {
    const [inc, get] = envelopeOf([() => ++counter, () => counter]).revive([0, 1], reviveHost()) as [
      () => number,
      () => number,
    ];
    inc();
    inc();
    expect(get()).toBe(2);
    expect(counter).toBe(0);
  });
  it("tells two counters of one maker apart", () => {
    const make = () => {
      let count = 0;
      return { up: () => ++count, now: () => count };
    };
    const roots = [make(), make()];
    const [a, b] = envelopeOf(roots).revive([0, 1], reviveHost()) as typeof roots;
    a?.up();
    a?.up();
    b?.up();
    expect([a?.now(), b?.now(), roots[0]?.now()]).toEqual([2, 1, 0]);
  });
});

class Point {
  x: number;
  constructor(x: number) {
    this.x = x;
  }
  double(): number {
    return this.x * 2;
  }
}
class Secret {
  #value = 1;
  static made = 0;
  static #hidden = 5;
  constructor(value: number) {
    this.#value = value;
    Secret.made++;
  }
  get value(): number {
    return this.#value;
  }
  #double(): number {
    return this.#value * 2;
  }
  doubled(): number {
    return this.#double() + Secret.#hidden;
  }
}
class Deeper extends Secret {
  #own = "deep";
  tell(): string {
    return `${this.#own}${super.doubled()}`;
  }
}

describe("classes", () => {
  it("carries instances with their class", () => {
    const p = new Point(4);
    const q = travel(p);
    expect(q.double()).toBe(8);
    expect(q).not.toBe(p);
    expect(travel(() => new Point(2).double())()).toBe(4);
  });
  it("carries private fields and statics", () => {
    const made = Secret.made;
    const s = new Secret(7);
    const t = travel(s);
    expect([t.value, t.doubled()]).toEqual([7, 19]);
    expect((t.constructor as typeof Secret).made).toBe(made + 1);
    const d = travel(new Deeper(3));
    expect(d.tell()).toBe("deep11");
    expect(d instanceof (Object.getPrototypeOf(Object.getPrototypeOf(d)).constructor as typeof Secret)).toBe(true);
  });
});

describe("this", () => {
  it("of arrows", () => {
    class Scale {
      factor = 5;
      by = (x: number) => x * this.factor;
    }
    expect(travel(new Scale().by)(4)).toBe(20);
  });
});
